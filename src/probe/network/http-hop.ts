import type { Socket } from 'node:net'
import { endpointOfUrl } from '../checks/check-endpoint.ts'
import type { HttpAnswer } from './http-answer.ts'
import { type HttpConnection, openHttpConnection } from './http-connection.ts'
import { type HopRecord, recordHop } from './http-record.ts'
import type { HttpRequest, HttpRequestOptions, HttpRequestParts } from './http-request.ts'
import { exchangeByHttp1 } from './http1-exchange.ts'
import { exchangeByHttp2 } from './http2-exchange.ts'
import { describeProxy, requireLogin } from './open-proxy-tunnel.ts'
import type { PeerCertificate } from './peer-certificate.ts'
import { describeEndpoint } from './timed-connect.ts'

export type HopParts = HttpRequestParts & {
  options: HttpRequestOptions
  /** The request that redirects began with. */
  first: HttpRequest
  /** How many were followed to come here. */
  redirects: number
}

type Use<T> = (answer: HttpAnswer, certificate: PeerCertificate | undefined) => Promise<T>

/**
 * Makes one request over a connection of its own, and writes the exchange down, however it ends.
 *
 * @param use reads of the answer what it wants before it returns; then the connection is closed.
 */
export async function performHop<T>(
  request: HttpRequest,
  parts: HopParts,
  use: Use<T>,
): Promise<T> {
  const { clock } = parts.context
  const startedAt = clock.monotonic()
  const record: HopRecord = { request, startMs: startedAt - parts.startedAt, ms: 0, phases: [] }
  const meter = parts.meter.tellingAlso((name, ms) => {
    record.ms = clock.monotonic() - startedAt
    const known = record.phases.find((phase) => phase.name === name)
    if (known) known.ms += ms
    else record.phases.push({ name, ms })
  })
  const sockets: Socket[] = []
  try {
    const connection = await openHttpConnection(request, {
      ...parts,
      meter,
      opened: (socket) => void sockets.push(socket),
      connectedTo(address) {
        record.address = address
      },
    })
    return await ask(connection, request, { ...parts, meter }, (answer) => {
      record.answer = answer
      return use(answer, connection.certificate)
    })
  } finally {
    for (const socket of sockets) socket.destroy()
    recordHop(record, parts)
  }
}

function ask<T>(
  { socket, version, forProxy }: HttpConnection,
  request: HttpRequest,
  { meter, options, context: { findings } }: HopParts,
  use: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  const target = describeEndpoint(endpointOfUrl(request.url))
  const useAnswer = (answer: HttpAnswer) => {
    if (forProxy) requireLogin(answer, target, describeProxy(options))
    findings.subject('httpVersion', answer.httpVersion)
    findings.fact('httpVersion', answer.httpVersion)
    return use(answer)
  }
  return version === '2'
    ? exchangeByHttp2(socket, request, { meter, target }, useAnswer)
    : exchangeByHttp1(socket, request, { meter, target, forProxy }, useAnswer)
}
