import { randomBytes } from 'node:crypto'
import type { Session } from './store.ts'

const KEY_BYTES = 32

/** A key that all coordinators of a database share; made when it is asked for the first time. */
export async function serverKey({ db }: Session, name: string): Promise<Buffer> {
  await db
    .insertInto('server_keys')
    .values({ name, value: randomBytes(KEY_BYTES).toString('base64') })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await db
    .selectFrom('server_keys')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return Buffer.from(row.value, 'base64')
}
