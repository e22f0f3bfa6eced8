import { expect, test } from 'vitest'
import { judgeRegion } from '../../../../src/domain/alerting/judge-region.ts'
import { RULE, votes } from './votes.ts'

test.each([
  { runs: '', gives: 'unclear', failures: 0, passes: 0, why: 'nothing is known without a run' },
  { runs: 'F', gives: 'unclear', failures: 1, passes: 0, why: 'one failure is noise' },
  { runs: 'FF', gives: 'unclear', failures: 2, passes: 0, why: 'one short of the rule' },
  { runs: 'FFF', gives: 'failing', failures: 3, passes: 0, why: 'exactly what the rule wants' },
  { runs: 'FFFFP', gives: 'failing', failures: 4, passes: 0, why: 'more than the rule wants' },
  { runs: 'FFPF', gives: 'unclear', failures: 2, passes: 0, why: 'a pass breaks the row' },
  { runs: 'FFDF', gives: 'unclear', failures: 2, passes: 0, why: 'degraded is no failure' },
  { runs: 'FIFIIF', gives: 'failing', failures: 3, passes: 0, why: 'faults break no row' },
  { runs: 'IFF', gives: 'unclear', failures: 2, passes: 0, why: 'a fault extends no row' },
  {
    runs: 'III',
    gives: 'unclear',
    failures: 0,
    passes: 0,
    why: 'faults say nothing of the target',
  },
  { runs: 'P', gives: 'unclear', failures: 0, passes: 1, why: 'one pass is no proof' },
  {
    runs: 'PPF',
    gives: 'healthy',
    failures: 0,
    passes: 2,
    why: 'as many passes as the rule wants',
  },
  { runs: 'PIPF', gives: 'healthy', failures: 0, passes: 2, why: 'faults break no row of passes' },
  {
    runs: 'DPF',
    gives: 'healthy',
    failures: 0,
    passes: 2,
    why: 'degraded is served, so it passes',
  },
])('"$runs" is $gives: $why', ({ runs, gives, failures, passes }) => {
  expect(judgeRegion(RULE, votes(runs))).toEqual({
    standing: gives,
    failuresInRow: failures,
    passesInRow: passes,
  })
})
