import { expect, test } from 'vitest'
import { formatProblem } from '../../../src/definitions/format-problem.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { CHECK_FILE, fleetFolder } from './fleet-folder.ts'

const runbook = (front: string) => `---
${front}
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
`
const NAME = 'config/runbooks/anything.md'

const said = async (files: Parameters<typeof fleetFolder>[0]) => {
  const loaded = await loadFleet(await fleetFolder(files), {})
  return loaded.ok
    ? { warnings: (loaded.warnings ?? []).map(formatProblem) }
    : { problems: loaded.problems.map(formatProblem) }
}

test.each([
  {
    files: { [NAME]: runbook('checks: [bu]') },
    problem: `${NAME}:2:10: unknown check "bu"; did you mean "buy"?`,
  },
  {
    files: { [NAME]: runbook('services:\n  - shop\n  - warehouse') },
    problem: `${NAME}:4:5: unknown service "warehouse"; expected "shop"`,
  },
  {
    files: { [NAME]: runbook('queries: [disk]') },
    problem: `${NAME}:2:11: unknown query "disk"`,
  },
  {
    files: {
      [NAME]: `${runbook('checks: [buy]')}\n- Page: person adda\n`,
      'config/on-call.yaml': 'people:\n  - { id: ada }\n',
    },
    problem: `${NAME}:16:1: unknown person "adda"; did you mean "ada"?`,
  },
  {
    files: { [NAME]: `${runbook('checks: [buy]')}\n- Page: lead of team database\n` },
    problem: `${NAME}:16:1: unknown team "database"; expected a team of config/on-call.yaml`,
  },
  {
    files: { 'config/runbooks/anything.txt': 'x' },
    problem:
      'config/runbooks/anything.txt:1:1: no file of this name is read; expected a runbook, such as bad-deploy.md',
  },
])('$problem', async ({ files, problem }) => {
  expect(await said(files)).toEqual({ problems: [problem] })
})

test('a check without a runbook is warned of, and one without any at all', async () => {
  expect(await said({ [NAME]: runbook('findings: [region_silent]') })).toEqual({
    warnings: [
      `${CHECK_FILE}:3:9: no runbook is for the check "buy"; expected one whose front part names it, its kind or its service`,
    ],
  })
  expect(await said({ [NAME]: undefined })).toEqual({
    warnings: [
      'config/runbooks:1:1: no runbook says what to do when an alert fires; expected a file such as bad-deploy.md',
    ],
  })
  for (const front of ['checks: [buy]', 'kinds: [journey]', 'services: [shop]', 'layers: [probes]'])
    expect(await said({ [NAME]: runbook(front) })).toEqual({ warnings: [] })
})
