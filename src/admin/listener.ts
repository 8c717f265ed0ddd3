import { createServer, type Server } from 'node:http'
import { type Answer, sendAnswer } from './answer.ts'
import type { Handler } from './routes.ts'

/** A server of a handler. What that does not answer gets a fixed text, never a stack trace. It listens nowhere yet. */
export function listener(handle: Handler): Server {
  return createServer((request, response) => {
    handle(request, response, (error) => {
      if (response.headersSent) response.destroy()
      else sendAnswer(response, error === undefined ? NOT_FOUND : BROKEN)
    })
  })
}

const NOT_FOUND: Answer = { status: 404, body: 'not found\n' }

const BROKEN: Answer = { status: 500, body: 'internal error\n' }
