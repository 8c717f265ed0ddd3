import { createServer, type Server } from 'node:http'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'

/**
 * A server of these handlers, in this order. What none of them answers gets a fixed text, never a stack trace. It
 * listens nowhere yet.
 */
export function listener(...handlers: readonly RequestHandler[]): Server {
  const app = express()
  app.disable('x-powered-by')
  app.use(...handlers, notFound, fixedError)
  return createServer(app)
}

const notFound: RequestHandler = (_request, response) => {
  response.status(404).type('text/plain').send('not found\n')
}

const fixedError: ErrorRequestHandler = (error, _request, response, _next) => {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const malformed = (error as { status?: unknown } | undefined)?.status === 400
  response.status(malformed ? 400 : 500).type('text/plain')
  response.send(malformed ? 'malformed request\n' : 'internal error\n')
}
