import { createServer } from 'node:http'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { type Handler, type Route, serveRoutes } from '../../../src/admin/routes.ts'
import { listening } from '../../support/listening.ts'
import { rawRequest } from '../../support/raw-client.ts'

const ROUTES: Readonly<Record<string, Route>> = {
  '/told': { method: 'GET', answer: (_request, search) => ({ body: `told ${search}` }) },
  '/done': { method: 'POST', answer: async () => ({ status: 204 }) },
  '/gone': { method: 'GET', answer: () => undefined },
  '/broken': { method: 'GET', answer: () => Promise.reject(new Error('inside')) },
  '/odd': { method: 'GET', answer: () => Promise.reject() },
}

/** What a request gets from a handler, and from what comes after it. */
async function ask(line: string, handle: Handler = serveRoutes(ROUTES)): Promise<string> {
  const server = createServer((request, response) =>
    handle(request, response, (error) => {
      response.statusCode = 404
      response.end(error ? `after ${error}` : 'after')
    }),
  )
  const port = await listening(server)
  const { text } = await rawRequest(
    port,
    `${line} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
  )
  const [head = '', body = ''] = text.split('\r\n\r\n')
  return `${head.slice(9, 12)} ${body}`.trim()
}

describe('routes', () => {
  it.each([
    ['GET /told', '200 told'],
    ['GET /told?a=/b?c', '200 told ?a=/b?c'],
    ['GET /Told/', '200 told'],
    ['GET /told/?a', '200 told ?a'],
    ['GET http://b:1/told?a', '200 told ?a'],
    ['HEAD /told', '200'],
    ['POST /done', '204'],
  ])('answer %s', async (line, expected) => {
    expect(await ask(line)).toBe(expected)
  })

  it.each([
    ...['GET /', 'GET /told//', 'GET //told', 'GET /tol%64', 'GET /told%2f', 'GET /told/x'],
    ...['GET /other/../told', 'GET /told;a', 'GET /gone', 'GET http://[/told', 'GET *'],
    ...['POST /told', 'GET /done', 'HEAD /done', 'OPTIONS /other', 'GET /__proto__'],
  ])('leave %s to the next handler', async (line) => {
    expect(await ask(line)).toBe(line.startsWith('HEAD') ? '404' : '404 after')
  })

  it.each([
    ['/told', 'GET, HEAD'],
    ['/done', 'POST'],
  ])('say which methods %s has', async (path, methods) => {
    expect(await ask(`OPTIONS ${path}`)).toBe(`200 ${methods}`)
  })

  it.each([
    ['/broken', '404 after Error: inside'],
    ['/odd', '404 after Error: expected an answer'],
  ])('tell the next handler of a fault at %s', async (path, expected) => {
    expect(await ask(`GET ${path}`)).toBe(expected)
  })

  it('are found below the path that they are mounted at', async () => {
    const app = express().use('/below', serveRoutes(ROUTES))
    const handle: Handler = (request, response) => app(request, response)
    expect(await ask('GET /below/told?a', handle)).toBe('200 told ?a')
    expect(await ask('GET /told', handle)).toMatch(/^404 /)
  })
})
