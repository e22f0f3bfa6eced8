import type { Severity, SeverityRule } from '../protocol/config.ts'

export type SeverityLabels = Record<Severity, { name: string; description: string }>

/** What holds where `config/severities.yaml` is absent; that file shows the same to start from. */
export const DEFAULT_SEVERITY_LABELS: SeverityLabels = {
  'SEV-1': {
    name: 'Critical',
    description: 'Customers everywhere cannot do what the business lives from.',
  },
  'SEV-2': {
    name: 'Major',
    description: 'A core function fails for some customers, or may soon fail for all.',
  },
  'SEV-3': {
    name: 'Minor',
    description: 'Something that customers can work around, or that only we notice.',
  },
  'SEV-4': { name: 'Low', description: 'Worth a look in working hours.' },
}

/** How often people hear of an incident that is declared, where `updateEvery` does not say otherwise. */
export const DEFAULT_UPDATE_EVERY: Partial<Record<Severity, string>> = {
  'SEV-1': '15m',
  'SEV-2': '30m',
}

export const DEFAULT_SEVERITY_RULES: SeverityRule[] = [
  {
    when: { dataAtRisk: true },
    severity: 'SEV-1',
    because: 'Data may be lost or wrong, and every minute may make it worse.',
  },
  {
    when: { finding: 'region_silent' },
    severity: 'SEV-3',
    because: 'A region has gone silent, so what happens there is unknown.',
  },
  {
    when: { tier: 'core', scope: 'global' },
    severity: 'SEV-1',
    because: 'A core business function fails, confirmed by the quorum of regions.',
  },
  {
    when: { tier: 'core', scope: 'regional' },
    severity: 'SEV-2',
    because: 'A core business function fails in some regions and works in others.',
  },
  {
    when: { tier: 'core' },
    severity: 'SEV-2',
    because: 'A core business function fails, and how widely is not yet known.',
  },
  {
    when: { tier: 'standard', scope: 'global' },
    severity: 'SEV-3',
    because: 'A standard function fails, confirmed by the quorum of regions.',
  },
  {
    when: {},
    severity: 'SEV-4',
    because: 'What fails is limited in reach or of minor importance.',
  },
]
