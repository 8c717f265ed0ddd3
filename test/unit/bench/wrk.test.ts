import { describe, expect, it } from 'vitest'
import { parseWrk } from '../../../bench/wrk.ts'

const report = (lines = '') => `Running 5s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.38ms  380.50us   9.84ms   91.50%
    Req/Sec    46.56k     1.94k   50.03k    68.00%
  Latency Distribution
     50%  930.00us
     75%    1.48ms
     90%    1.66ms
     99%    2.51s
  231702 requests in 5.00s, 36.90MB read
${lines}Requests/sec:  46335.40
Transfer/sec:      7.38MB
`

describe('the report of wrk', () => {
  it('gives requests, requests a second, and latencies in milliseconds', () => {
    expect(parseWrk(report())).toEqual({
      requests: 231_702,
      rps: 46_335.4,
      p50: 0.93,
      p99: 2510,
      refused: 0,
      broken: 0,
    })
  })

  it('counts what was refused, and what broke off', () => {
    const lines = [
      '  Socket errors: connect 1, read 2, write 3, timeout 4\n',
      '  Non-2xx or 3xx responses: 100\n',
    ]
    expect(parseWrk(report(lines.join('')))).toMatchObject({ refused: 100, broken: 10 })
  })

  it('is not taken for one when it is something else', () => {
    expect(() => parseWrk('unable to connect to 127.0.0.1:1')).toThrow(/the report of wrk/)
  })
})
