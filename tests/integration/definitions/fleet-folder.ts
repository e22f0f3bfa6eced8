import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tempFolder } from '../../support/temp-folder.ts'

/** Files by their path; undefined leaves out one that a valid fleet has. */
export type FleetFiles = Record<string, string | Uint8Array | undefined>

export const CHECK_FILE = 'probes/shop/shop.checks.yaml'

/** The smallest fleet that is valid. */
const VALID: FleetFiles = {
  'config/regions.yaml': 'regions:\n  - id: eu-west\n  - id: us-east\n',
  'config/services.yaml': 'services:\n  - id: shop\n    tier: core\n',
  'probes/shop/buy.journey.ts':
    "import { journey } from 'firewatch'\nexport default journey(async () => {})\n",
  'config/runbooks/anything.md': `---
findings: [check_failing]
---
# Anything
## Alert
A check fails.
## Severity
As the incident says.
## Prerequisites
- none
## Steps
1. Look at the incident.
## Escalation
Whoever owns the service.
`,
  [CHECK_FILE]: `service: shop
checks:
  - id: buy
    kind: journey
    script: ./buy.journey.ts
    every: 1m
`,
}

/** A folder with a valid fleet, changed by the files given. */
export async function fleetFolder(files: FleetFiles = {}): Promise<string> {
  const folder = await tempFolder()
  for (const [path, content] of Object.entries({ ...VALID, ...files })) {
    if (content === undefined) continue
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}
