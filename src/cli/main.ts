#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { AppError } from '../base/app-error.ts'
import { EXIT } from './exit-codes.ts'

/** Codes whose cause is the world around us rather than what was typed. */
const UNDECIDED = [
  'coordinator.unreachable',
  'coordinator.refused',
  'store.unavailable',
  'demo.not_running',
]

/** Codes for what was named, and is not there. */
const NOTHING_MATCHED = [
  'postmortem.unknown',
  'action_item.unknown',
  'incident.unknown',
  'person.unknown',
]

const program = new Command('firewatch')
  .description('Synthetic monitoring and incident response.')
  .exitOverride()
  .showHelpAfterError('(firewatch --help lists the commands)')
  .showSuggestionAfterError()

/** Only the command that is meant is loaded: a probe needs no coordinator, and `validate` neither. */
const COMMANDS: Record<string, () => Promise<(program: Command) => void>> = {
  demo: async () => (await import('./commands/demo.ts')).addDemoCommand,
  probe: async () => (await import('./commands/probe.ts')).addProbeCommand,
  coordinator: async () => (await import('./commands/coordinator.ts')).addCoordinatorCommand,
  validate: async () => (await import('./commands/validate.ts')).addValidateCommand,
  import: async () => (await import('./commands/import.ts')).addImportCommand,
  export: async () => (await import('./commands/export.ts')).addExportCommand,
  run: async () => (await import('./commands/run.ts')).addRunCommand,
  incident: async () => (await import('./commands/incident.ts')).addIncidentCommand,
  'show-trace': async () => (await import('./commands/show-trace.ts')).addShowTraceCommand,
  record: async () => (await import('./commands/record.ts')).addRecordCommand,
  backtest: async () => (await import('./commands/backtest.ts')).addBacktestCommand,
  change: async () => (await import('./commands/change.ts')).addChangeCommand,
  objectives: async () => (await import('./commands/objectives.ts')).addObjectivesCommand,
  silence: async () => (await import('./commands/silence.ts')).addSilenceCommand,
  postmortem: async () => (await import('./commands/postmortem.ts')).addPostmortemCommand,
  token: async () => (await import('./commands/token.ts')).addTokenCommand,
  'on-call': async () => (await import('./commands/on-call.ts')).addOnCallCommand,
  page: async () => (await import('./commands/page.ts')).addPageCommand,
  new: async () => (await import('./commands/new.ts')).addNewCommand,
  backup: async () => (await import('./commands/backup.ts')).addBackupCommand,
  restore: async () => (await import('./commands/backup.ts')).addRestoreCommand,
}

// Whoever reads what we print may have enough of it: `firewatch … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.fine)
})

const meant = process.argv[2] ?? ''
const loaders = Object.hasOwn(COMMANDS, meant) ? [COMMANDS[meant]] : Object.values(COMMANDS)
for (const load of loaders) (await load?.())?.(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version are what was asked for; commander has printed everything already.
    process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.invalid
  } else if (error instanceof AppError) {
    process.stderr.write(`firewatch: ${error.message}\n`)
    if (error.cause instanceof Error) process.stderr.write(`  because: ${error.cause.message}\n`)
    process.exitCode = exitCodeOf(error)
  } else {
    throw error
  }
}

function exitCodeOf({ code }: AppError): number {
  if (UNDECIDED.includes(code)) return EXIT.undecided
  return NOTHING_MATCHED.includes(code) ? EXIT.nothingMatched : EXIT.invalid
}
