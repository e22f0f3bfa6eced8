import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { anAuthority, issue, keyPair, pemOf } from '../../support/tls-target.ts'
import { nextMessage, startProgram } from '../child-processes.ts'
import type { Script, ScriptedAnswer } from './scripted-server.ts'

export type BenchTarget = {
  http: string
  https: string
  dns: string
  /** PEM of the authority that signed its certificate. */
  authority: string
  script(script: Script): void
  /** How long the phase really took, the next time it comes. */
  nextTruth(phase: keyof Script): Promise<number>
  child: ChildProcess
}

/** @param ecdhCurve key exchanges that the HTTPS server takes, as OpenSSL lists them. */
export async function startBenchTarget(ecdhCurve: string): Promise<BenchTarget> {
  const authority = await anAuthority()
  const leaf = await issue({ issuer: authority })
  const { cert, key } = await keyPair(leaf)
  const child = startProgram(join(import.meta.dirname, 'scripted-server.ts'))
  const ready = nextMessage(child, (message) => {
    const answer = message as ScriptedAnswer
    return answer.kind === 'ready' ? answer : undefined
  })
  child.send({ certificate: cert, key, ecdhCurve })
  const { http, https, dns } = await ready
  return {
    http: `http://127.0.0.1:${http}/`,
    https: `https://127.0.0.1:${https}/`,
    dns: `127.0.0.1:${dns}`,
    authority: pemOf(authority),
    script: (script) => void child.send({ script }),
    nextTruth: (phase) =>
      nextMessage(child, (message) => {
        const answer = message as ScriptedAnswer
        return answer.kind === 'truth' && answer.phase === phase ? answer.ms : undefined
      }),
    child,
  }
}
