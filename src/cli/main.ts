#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { AppError } from '../base/app-error.ts'
import { addCoordinatorCommand } from './commands/coordinator.ts'
import { addDemoCommand } from './commands/demo.ts'
import { addProbeCommand } from './commands/probe.ts'
import { addRunCommand } from './commands/run.ts'
import { addValidateCommand } from './commands/validate.ts'
import { EXIT } from './exit-codes.ts'

/** Codes whose cause is the world around us rather than what was typed. */
const UNDECIDED = [
  'coordinator.unreachable',
  'coordinator.refused',
  'store.unavailable',
  'demo.not_running',
]

const program = new Command('firewatch')
  .description('Synthetic monitoring and incident response.')
  .exitOverride()
  .showHelpAfterError('(firewatch --help lists the commands)')
  .showSuggestionAfterError()

for (const add of [
  addDemoCommand,
  addProbeCommand,
  addCoordinatorCommand,
  addValidateCommand,
  addRunCommand,
])
  add(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version are what was asked for; commander has printed everything already.
    process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.invalid
  } else if (error instanceof AppError) {
    process.stderr.write(`firewatch: ${error.message}\n`)
    if (error.cause instanceof Error) process.stderr.write(`  because: ${error.cause.message}\n`)
    process.exitCode = UNDECIDED.includes(error.code) ? EXIT.undecided : EXIT.invalid
  } else {
    throw error
  }
}
