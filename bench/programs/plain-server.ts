import { listen } from './listen.ts'

// node:http with nothing behind it: what Node itself takes.
listen((message, response) => {
  message.resume()
  response.end('ok')
})
