import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { writeOpenSlo } from '../../definitions/export/open-slo.ts'
import { formatProblem } from '../../definitions/format-problem.ts'
import { loadFleet } from '../../definitions/load-fleet.ts'
import type { Fleet } from '../../protocol/config.ts'
import { EXIT } from '../exit-codes.ts'

const KINDS: Readonly<Record<string, (fleet: Fleet) => string>> = { openslo: writeOpenSlo }

/** `firewatch export`: definitions of ours in the form of other tools. */
export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description("Print what is defined in another tool's form: objectives as OpenSLO v1.")
    .argument('<kind>', `what to write: ${Object.keys(KINDS).join(', ')}`, knownKind)
    .argument('[folder]', 'with probes/ and config/', '.')
    .action(async (kind: string, folder: string) => {
      const loaded = await loadFleet(folder, process.env)
      if (loaded.ok) {
        process.stdout.write(KINDS[kind]?.(loaded.fleet) ?? '')
        return
      }
      for (const problem of loaded.problems) process.stderr.write(`${formatProblem(problem)}\n`)
      process.exitCode = EXIT.invalid
    })
}

function knownKind(kind: string): string {
  if (Object.hasOwn(KINDS, kind)) return kind
  throw new InvalidArgumentError(`expected one of ${Object.keys(KINDS).join(', ')}`)
}
