import { messageOf } from '../../base/app-error.ts'
import { assert } from '../../base/assert.ts'
import { isDue } from '../../domain/signal/is-due.ts'
import { judgeVendor, type VendorVerdict } from '../../domain/signal/judge-vendor.ts'
import type { Vendor } from '../../protocol/signal.ts'
import { defineLoop, type Loop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { announce, lockConcerned } from '../incident-desk.ts'
import { type SignalOrigin, takeSignals } from '../signal-desk.ts'
import { makeSignal } from '../signals/signal-reader.ts'
import { readStatuspage } from '../signals/statuspage.ts'
import { findSignal } from '../store/signals.ts'

/** A page that takes longer says nothing. */
const ANSWER_MS_MAX = 10_000

/** The one signal of a vendor: how it is. */
const STATUS = 'status'

/** What is known between two looks; lost at a restart, when all are looked at anew. */
type Looked = { dueAt: number; etag?: string; last: VendorVerdict['kind'] }

/** Looks at the vendors' status pages. What cannot be read is unknown, and changes nothing. */
export function pollVendors(): Loop<CoordinatorParts> {
  const looked = new Map<string, Looked>()
  return defineLoop<CoordinatorParts>({
    name: 'poll-vendors',
    everyMs: 1_000,
    deadlineMs: 30_000,
    async run(parts, signal) {
      const now = parts.clock.now()
      const due = (parts.fleet.vendors ?? []).filter(({ id, everyMs }) =>
        isDue(looked.get(id)?.dueAt, everyMs, now),
      )
      await Promise.all(
        due.map(async (vendor) => {
          const before = looked.get(vendor.id)
          const after = await look(parts, vendor, before, signal)
          looked.set(vendor.id, { ...after, dueAt: now + vendor.everyMs })
        }),
      )
    },
  })
}

async function look(
  parts: CoordinatorParts,
  vendor: Vendor,
  before: Looked | undefined,
  signal: AbortSignal,
): Promise<Omit<Looked, 'dueAt'>> {
  const { logger, metrics } = parts
  const found = await ask(parts, vendor, before?.etag, signal)
  // The same as when it was read last, and what that meant is stored.
  if (found === 'unchanged' && before) {
    metrics.vendorPolled(vendor.id, before.last)
    return before
  }
  assert(found !== 'unchanged', 'only what was read before can be unchanged')
  const { verdict, etag } = found
  metrics.vendorPolled(vendor.id, verdict.kind)
  if (verdict.kind === 'unknown') {
    if (before?.last !== 'unknown')
      logger.warn({ vendor: vendor.id, reason: verdict.reason }, 'how a vendor is, is not known')
    return { last: 'unknown' }
  }
  if (before?.last === 'unknown')
    logger.info({ vendor: vendor.id }, 'how a vendor is, is known again')
  await tell(parts, vendor, verdict)
  return { last: verdict.kind, ...(etag !== undefined && { etag }) }
}

async function ask(
  { http }: CoordinatorParts,
  { url, components }: Vendor,
  etag: string | undefined,
  signal: AbortSignal,
): Promise<'unchanged' | { verdict: VendorVerdict; etag?: string }> {
  try {
    const answer = await http.get(`${url}/api/v2/summary.json`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
      headers: {
        accept: 'application/json',
        'user-agent': 'Firewatch',
        ...(etag !== undefined && { 'if-none-match': etag }),
      },
    })
    if (answer.status === 304 && etag !== undefined) return 'unchanged'
    if (answer.status !== 200)
      return { verdict: { kind: 'unknown', reason: `it answered ${answer.status}` } }
    const verdict = judgeVendor(readStatuspage(JSON.parse(answer.body)), components)
    const given = answer.headers.etag
    return { verdict, ...(typeof given === 'string' && { etag: given }) }
  } catch (error) {
    // Not reached, too slow, too large, no JSON, or of another form: all that is known is that.
    return { verdict: { kind: 'unknown', reason: messageOf(error) } }
  }
}

async function tell(
  parts: CoordinatorParts,
  vendor: Vendor,
  verdict: Exclude<VendorVerdict, { kind: 'unknown' }>,
): Promise<void> {
  const { store, clock } = parts
  const origin: SignalOrigin = {
    id: `vendor-${vendor.id}`,
    name: vendor.name,
    layer: 'vendors',
    saysWhyItIsOver: true,
  }
  const incidentIds = await store.transaction(async (tx) => {
    await lockConcerned(tx, [vendor.serviceId])
    const known = await findSignal(tx, origin.id, STATUS)
    const isTroubled = verdict.kind === 'troubled'
    // That all is well goes without saying until it was not.
    if (!isTroubled && known?.state !== 'firing') return []
    const now = clock.now()
    const signal = makeSignal({
      key: STATUS,
      isFiring: isTroubled,
      startedAt: isTroubled ? verdict.since : known?.startedAt,
      toldAt: now,
      receivedAt: now,
      subject: isTroubled ? verdict.subject : (known?.subject ?? STATUS),
      reason: verdict.reason,
      link: (isTroubled ? verdict.link : undefined) ?? vendor.url,
      serviceId: vendor.serviceId,
      severity: isTroubled ? vendor.severities[verdict.impact] : undefined,
    })
    return takeSignals(tx, parts, origin, [signal], now)
  })
  announce(parts, incidentIds)
}
