import type { WebSocket } from 'ws'
import type { WebSocketCheck } from '../../protocol/kinds/websocket.ts'
import { within } from '../../runtime/deadline.ts'
import type { TokenParts } from '../network/access-token.ts'
import { authorize } from '../network/authorize.ts'
import { type CheckedConnectParts, withConnection } from '../network/checked-connection.ts'
import { awaitAnything, holdDialogue } from '../network/dialogue.ts'
import { fillHeaders, fillUrl } from '../network/fill-template.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import { describeEndpoint } from '../network/timed-connect.ts'
import { userAgent } from '../network/user-agent.ts'
import { webSocketPartner } from '../network/websocket-partner.ts'
import {
  type UpgradeAnswer,
  type UpgradeRequest,
  upgradeToWebSocket,
} from '../network/websocket-upgrade.ts'
import { addressesOf, endpointOfUrl } from './check-endpoint.ts'
import type { CheckRunner, Explain, Findings } from './check-runner.ts'
import { inLowerCase, secretsOf } from './template-values.ts'

/** How long a server may take to answer our closing frame. */
const LEAVE_MS = 100
const SWITCHING_PROTOCOLS = 101

/** Upgrades a connection to a WebSocket, and holds the dialogue over it. */
export const runWebSocketCheck: CheckRunner<'websocket'> = async (check, context) => {
  const { clock, findings } = context
  const startedAt = clock.monotonic()
  let tokenMs = 0
  const request = await requestOf(check, {
    context,
    timeoutMs: check.timeoutMs,
    startedAt,
    onUncounted(ms) {
      tokenMs += ms
    },
  })
  const meter = createPhaseMeter(context, check.timeoutMs)
  const secure = request.url.protocol === 'wss:' ? { ...check, protocols: ['http/1.1'] } : undefined
  const parts = { context, meter, addresses: addressesOf(check), secure }
  const endpoint = endpointOfUrl(request.url)
  const target = describeEndpoint(endpoint)
  await withConnection(endpoint, parts, async (socket) => {
    const { webSocket } = await upgradeToWebSocket(socket, request, { meter, target }, (answer) =>
      recordAnswer(answer, findings, target),
    )
    if (webSocket) await talk(webSocket, check, { ...parts, target })
    const totalMs = clock.monotonic() - startedAt - tokenMs
    findings.subject('total', totalMs)
    findings.duration(totalMs)
    if (webSocket) await leave(webSocket)
  })
}

async function requestOf(check: WebSocketCheck, parts: TokenParts): Promise<UpgradeRequest> {
  const { auth, subprotocols = [], trustedRoots } = check
  const { context } = parts
  const secrets = secretsOf(check, context)
  const login = auth && (await authorize(auth, { trustedRoots }, parts))
  const url = fillUrl(check.url, secrets)
  // A fragment is for browsers and never sent.
  url.hash = ''
  const { traceparent } = context
  const headers = {
    'user-agent': userAgent(),
    ...inLowerCase(fillHeaders(check.headers, secrets)),
    ...(login && { authorization: login.header }),
    ...(traceparent !== '' && { traceparent }),
  }
  return { url, headers, subprotocols }
}

function recordAnswer({ status, headers }: UpgradeAnswer, findings: Findings, target: string) {
  const isUpgraded = status === SWITCHING_PROTOCOLS
  const explain: Explain | undefined = isUpgraded
    ? undefined
    : ({ subject, expected }) => ({
        type: 'websocket.upgrade',
        message: `${target} answered the upgrade with status ${status}, so there is no WebSocket (${subject}: expected ${expected})`,
      })
  findings.subject('status', status, explain)
  findings.fact('status', status)
  for (const [name, value] of headers) findings.subjectPart('header', name, value)
  const subprotocol = isUpgraded ? headers.get('sec-websocket-protocol') : undefined
  findings.subject('subprotocol', subprotocol, explain)
  if (subprotocol !== undefined) findings.fact('subprotocol', subprotocol)
  if (!isUpgraded) findings.subject('message', undefined, explain)
}

async function talk(
  webSocket: WebSocket,
  { dialogue = [], expectations }: WebSocketCheck,
  parts: CheckedConnectParts & { target: string },
): Promise<void> {
  const { findings } = parts.context
  const partner = webSocketPartner(webSocket)
  const isHeard = dialogue.some(({ expect }) => expect !== undefined)
  const isWanted = expectations.some(({ subject }) => subject === 'message')
  try {
    if (dialogue.length > 0) await holdDialogue(dialogue, partner, parts)
    if (isWanted && !isHeard) await awaitAnything(partner, parts)
  } finally {
    const messages = [...partner.inbox.received]
    findings.subject('message', messages)
    if (messages.length > 0) findings.fact('messages', messages)
  }
}

/** Ends in order, so that the server does not write down a client that just vanishes. */
async function leave(webSocket: WebSocket): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    webSocket.once('close', () => resolve())
  })
  webSocket.resume()
  webSocket.close(1000)
  await within(LEAVE_MS, closed)
  webSocket.terminate()
}
