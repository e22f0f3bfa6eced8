import type { FindingKind, Layer } from './finding-kind.ts'

const USUAL_LAYER: { readonly [K in FindingKind]: Layer } = {
  check_failing: 'probes',
  check_degraded: 'probes',
  no_data: 'fleet',
  region_silent: 'fleet',
  region_failing: 'fleet',
  signal: 'metrics',
  objective_burning: 'objectives',
}

/** The layer that saw a finding. Without a schema, so that the browser program can ask as well. */
export const layerOf = ({ kind, layer }: { kind: FindingKind; layer?: Layer | undefined }): Layer =>
  layer ?? USUAL_LAYER[kind]
