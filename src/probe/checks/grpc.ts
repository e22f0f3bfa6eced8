import type { GrpcCheck } from '../../protocol/kinds/grpc.ts'
import type { RunError } from '../../protocol/run.ts'
import { withConnection } from '../network/checked-connection.ts'
import { fillHeaders } from '../network/fill-template.ts'
import { askForHealth, type HealthAnswer } from '../network/grpc-exchange.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import { describeEndpoint } from '../network/timed-connect.ts'
import { userAgent } from '../network/user-agent.ts'
import { addressesOf } from './check-endpoint.ts'
import type { CheckContext, CheckRunner, Findings } from './check-runner.ts'
import { inLowerCase, secretsOf } from './template-values.ts'

/** Asks a server by the health protocol whether it, or one of its services, is serving. */
export const runGrpcCheck: CheckRunner<'grpc'> = async (check, context) => {
  const { clock, findings } = context
  const { host, port, tls, service, timeoutMs } = check
  const startedAt = clock.monotonic()
  const headers = headersOf(check, context)
  const meter = createPhaseMeter(context, timeoutMs)
  const secure = tls ? { ...check, protocols: ['h2'] } : undefined
  const target = describeEndpoint({ host, port })
  const parts = { context, meter, addresses: addressesOf(check), secure }
  await withConnection({ host, port }, parts, async (socket) => {
    const origin = `${tls ? 'https' : 'http'}://${target}`
    const request = { origin, service, headers, timeoutMs }
    const answer = await askForHealth(socket, request, { meter, target })
    const totalMs = clock.monotonic() - startedAt
    findings.subject('total', totalMs)
    findings.duration(totalMs)
    record(answer, service, { findings, target })
  })
}

/** Of HTTP/1.1's connections, or what the protocol itself says: RFC 9113 §8.2.2. */
const NOT_SENT =
  /^(:.*|connection|host|keep-alive|proxy-connection|te|transfer-encoding|upgrade|http2-settings|content-type|content-length|grpc-timeout|grpc-encoding|grpc-accept-encoding)$/

function headersOf(check: GrpcCheck, context: CheckContext): Record<string, string> {
  const metadata = inLowerCase(fillHeaders(check.metadata, secretsOf(check, context)))
  const sent = Object.entries(metadata).filter(([name]) => !NOT_SENT.test(name))
  const { traceparent } = context
  return {
    'user-agent': userAgent(),
    ...Object.fromEntries(sent),
    ...(traceparent !== '' && { traceparent }),
  }
}

function record(
  { httpStatus, grpcStatus, grpcMessage, servingStatus }: HealthAnswer,
  service: string,
  { findings, target }: { findings: Findings; target: string },
): void {
  const whole = service === '' ? 'the server' : `the service ${service}`
  const said = grpcMessage === '' ? '' : `: ${grpcMessage}`
  const words =
    servingStatus === undefined
      ? `${target} answered with ${grpcStatus}, asked about ${whole}${said}`
      : `${target} says that ${whole} is ${servingStatus}`
  const explain =
    grpcStatus === 'OK' && servingStatus === 'SERVING'
      ? undefined
      : (): RunError => ({ type: 'grpc.status', message: words })
  findings.subject('grpcStatus', grpcStatus, grpcStatus === 'OK' ? undefined : explain)
  findings.subject('servingStatus', servingStatus, explain)
  findings.fact('grpcStatus', grpcStatus)
  findings.fact('httpStatus', httpStatus)
  if (servingStatus !== undefined) findings.fact('servingStatus', servingStatus)
}
