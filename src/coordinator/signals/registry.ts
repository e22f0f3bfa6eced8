import type { SignalKind } from '../../protocol/signal.ts'
import { alertmanagerReader } from './alertmanager.ts'
import { grafanaReader } from './grafana.ts'
import { jsonReader } from './json.ts'
import { opsgenieReader } from './opsgenie.ts'
import { pagerdutyReader } from './pagerduty.ts'
import type { SignalReader } from './signal-reader.ts'
import { snsReader } from './sns.ts'

/** Not compiling? A kind of source was added to `protocol/signal.ts`, and nobody reads it yet. */
export const signalReaders = (
  /** Ids of our services. */
  known: ReadonlySet<string>,
): { readonly [K in SignalKind]: SignalReader<K> } => ({
  alertmanager: alertmanagerReader(known),
  grafana: grafanaReader(known),
  pagerduty: pagerdutyReader(known),
  opsgenie: opsgenieReader(known),
  sns: snsReader(known),
  json: jsonReader(known),
})
