import type { Command } from 'commander'
import { AppError } from '../base/app-error.ts'
import { describeMoment } from '../domain/on-call/wall-clock.ts'
import type { HandOff } from '../protocol/hand-off.ts'
import { confirmHandOff, getOnCall } from '../protocol/on-call-api.ts'
import { getMe } from '../protocol/people-api.ts'
import { coordinatorClient } from './coordinator-client.ts'
import { asJson, withCoordinator } from './incident-options.ts'
import { whoAmI } from './who-am-i.ts'

/** `firewatch on-call confirm`: the handshake at the begin of a shift. */
export function addConfirm(parent: Command): void {
  withCoordinator(parent.command('confirm'))
    .description('Say that you have the duty that you took over.')
    .argument('[rotation]', 'of which; all that you took over when absent')
    .option('--by <name>', 'who you are', process.env.FIREWATCH_USER ?? whoAmI())
    .action(confirm)
}

/** Confirms what somebody took over and has not confirmed yet. */
async function confirm(
  rotation: string | undefined,
  { coordinator, json, by }: { coordinator: string; json?: true; by: string },
): Promise<void> {
  const client = coordinatorClient(coordinator)
  const { handOffs = [], people, rotations } = await client.ask(getOnCall)
  // Where people sign in it is whose token this is, whatever else is said.
  const { caller } = await client.ask(getMe)
  const self = caller?.login ?? people.find(({ id, name }) => [id, name].includes(by))?.id ?? by
  const open = handOffs.filter(
    ({ rotationId, personId, confirmedAt }) =>
      confirmedAt === undefined &&
      personId === self &&
      (rotation === undefined || rotationId === rotation),
  )
  const confirmed: HandOff[] = []
  for (const { handOffId } of open)
    confirmed.push(await client.ask(confirmHandOff, { params: { handOffId }, body: { by: self } }))
  if (confirmed.length === 0) {
    const of = rotation === undefined ? '' : ` of ${rotation}`
    throw new AppError('on_call.unknown', `${self} took over nothing${of} that is to be confirmed`)
  }
  const zone = people.find(({ id }) => id === self)?.zone ?? 'UTC'
  const lines = confirmed.map(({ rotationId, role, until }) => {
    const name = rotations.find(({ id }) => id === rotationId)?.name ?? rotationId
    return `${self} has confirmed to be ${role} of ${name} until ${describeMoment(until, zone)}\n`
  })
  process.stdout.write(json ? asJson(confirmed) : lines.join(''))
}
