import type { Dispatcher } from 'undici'
import { checkCoding } from '../check-coding.ts'
import type { ExchangeHandler, ResponseHead } from '../exchange-handler.ts'
import { type RawHeaders, rawFields } from './raw-fields.ts'

/** Tells `handler` what undici tells of an exchange. */
export function dispatchHandler(handler: ExchangeHandler): Dispatcher.DispatchHandler {
  const head = (status: number, reason: string, rawHeaders: RawHeaders): ResponseHead => {
    const fields = rawFields(rawHeaders)
    checkCoding(fields)
    return { status, reason, fields }
  }
  let isOver = false
  return {
    onRequestStart(controller) {
      handler.onStart({
        isPaused: () => controller.paused,
        pause: () => controller.pause(),
        resume: () => controller.resume(),
        abort(reason) {
          isOver = true
          controller.abort(reason)
        },
      })
    },
    onRequestUpgrade({ rawHeaders }, status, _headers, socket) {
      handler.onUpgrade(head(status, '', rawHeaders), socket)
    },
    onResponseStart({ rawHeaders }, status, _headers, reason = '') {
      if (!isOver) handler.onHead(head(status, reason, rawHeaders))
    },
    onResponseData(_controller, chunk) {
      handler.onData(chunk)
    },
    onResponseEnd() {
      handler.onEnd()
    },
    onResponseError(_controller, error) {
      if (!isOver) handler.onError(error)
    },
  }
}
