import type { Clock } from '../../base/clock.ts'
import type { RegionNetwork } from '../../protocol/config.ts'
import { endpointOfUrl } from '../checks/check-endpoint.ts'
import { classifyError } from '../checks/classify-error.ts'
import type { ReferenceFinding, UplinkFindings } from './blame-uplink.ts'
import { resolveHost } from './resolve-host.ts'
import { tryConnecting } from './try-connecting.ts'

/** Long enough for one datagram that got lost; the run waits for it, its time does not. */
const REFERENCE_MS_MAX = 2_000
/** When the network breaks, hundreds of runs fail at once: they ask once. */
const KEPT_MS = 1_000

export type UplinkReferencesParts = {
  clock: Clock
  /** Of the region, as of now. */
  references(): RegionNetwork['references'] | undefined
  /** Name servers instead of the system's. */
  nameServers?: readonly string[] | undefined
}

export type UplinkReferences = {
  /** What the region's references do now, or did a moment ago; undefined when it has none. */
  look(): Promise<UplinkFindings | undefined>
}

/** Tries the region's references, once for everybody who wants to know at the same time. */
export function createUplinkReferences(parts: UplinkReferencesParts): UplinkReferences {
  const { clock, references, nameServers } = parts
  let latest: { findings: Promise<UplinkFindings>; until: number } | undefined

  async function lookNow(names: readonly string[], addresses: readonly string[]) {
    const signal = AbortSignal.timeout(REFERENCE_MS_MAX)
    const [found, connected] = await Promise.all([
      Promise.all(names.map((name) => tryName(name, { signal, nameServers }))),
      Promise.all(addresses.map((address) => tryAddress(address, { signal, nameServers }))),
    ])
    return { names: found, addresses: connected }
  }

  return {
    async look() {
      const { names = [], addresses = [] } = references() ?? {}
      if (names.length === 0 && addresses.length === 0) return undefined
      if (latest && clock.monotonic() < latest.until) return latest.findings
      const findings = lookNow(names, addresses)
      const looking = { findings, until: Infinity }
      latest = looking
      void findings.then(() => {
        looking.until = clock.monotonic() + KEPT_MS
      })
      return findings
    },
  }
}

type LookOptions = { signal: AbortSignal; nameServers: readonly string[] | undefined }

async function tryName(
  subject: string,
  { signal, nameServers: servers }: LookOptions,
): Promise<ReferenceFinding> {
  try {
    // Never from the hosts file: it is the resolver that is asked about.
    const hosts = () => undefined
    const found = await resolveHost(subject, { signal, hosts, ...(servers && { servers }) })
    return { subject, isFine: true, message: found.join(', ') }
  } catch (error) {
    return { subject, isFine: false, message: wordsOf(error, signal, subject) }
  }
}

async function tryAddress(
  subject: string,
  { signal, nameServers: servers }: LookOptions,
): Promise<ReferenceFinding> {
  try {
    const endpoint = endpointOfUrl(new URL(`tcp://${subject}`))
    const [host = ''] = await resolveHost(endpoint.host, { signal, ...(servers && { servers }) })
    const socket = await tryConnecting({ host, port: endpoint.port }, signal)
    socket.destroy()
    return { subject, isFine: true, message: 'accepted' }
  } catch (error) {
    return { subject, isFine: false, message: wordsOf(error, signal, subject) }
  }
}

const wordsOf = (error: unknown, signal: AbortSignal, subject: string): string =>
  signal.aborted
    ? `no answer within ${REFERENCE_MS_MAX / 1_000} s`
    : classifyError(error, subject).message
