import type { Socket } from 'node:net'
import type { TcpCheck } from '../../protocol/kinds/tcp.ts'
import { type CheckedConnectParts, withConnection } from '../network/checked-connection.ts'
import { awaitAnything, holdDialogue } from '../network/dialogue.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import { socketPartner } from '../network/socket-partner.ts'
import { describeEndpoint } from '../network/timed-connect.ts'
import { addressesOf } from './check-endpoint.ts'
import type { CheckRunner } from './check-runner.ts'

/** Connects, secures the connection where the check says so, and holds the dialogue. */
export const runTcpCheck: CheckRunner<'tcp'> = async (check, context) => {
  const { clock, findings } = context
  const startedAt = clock.monotonic()
  const meter = createPhaseMeter(context, check.timeoutMs)
  // What is spoken above TLS is the check's affair, so nothing is offered by ALPN.
  const secure = check.tls ? { ...check, protocols: [] } : undefined
  const parts = { context, meter, addresses: addressesOf(check), secure }
  const endpoint = { host: check.host, port: check.port }
  await withConnection(endpoint, parts, async (socket) => {
    await talk(socket, check, parts)
    const totalMs = clock.monotonic() - startedAt
    findings.subject('total', totalMs)
    findings.duration(totalMs)
  })
}

async function talk(socket: Socket, check: TcpCheck, parts: CheckedConnectParts): Promise<void> {
  const { dialogue = [], expectations, host, port } = check
  const isHeard = dialogue.some(({ expect }) => expect !== undefined)
  const isWanted = expectations.some(({ subject }) => subject === 'received')
  if (dialogue.length === 0 && !isWanted) return
  const { findings } = parts.context
  const target = describeEndpoint({ host, port })
  const partner = socketPartner(socket)
  try {
    if (dialogue.length > 0) await holdDialogue(dialogue, partner, { ...parts, target })
    if (isWanted && !isHeard) await awaitAnything(partner, { ...parts, target })
  } finally {
    const received = partner.inbox.received.join('')
    findings.subject('received', received)
    findings.fact('received', received)
  }
}
