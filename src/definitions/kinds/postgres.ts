import {
  addressesField,
  expectationsOf,
  type KindResolver,
  NETWORK_TIMEOUT_MS,
  tlsFields,
} from './kind-resolver.ts'

const POSTGRES_PORT = 5432
const QUERY = 'SELECT 1'

export const postgresResolver: KindResolver<'postgres'> = {
  timeoutMs: NETWORK_TIMEOUT_MS,
  retry: 'network',
  fields: (written, named) => {
    const { user, password, database, query = QUERY, write } = written
    return {
      name: written.name ?? written.id,
      host: written.host,
      port: written.port ?? POSTGRES_PORT,
      // Who says nothing secret need not know who hears it.
      security: written.security ?? (user === undefined ? 'disable' : 'verify'),
      login:
        user === undefined
          ? undefined
          : {
              user,
              database: database ?? user,
              query,
              ...(password !== undefined && { password }),
              ...(write && { writeTable: write.table }),
            },
      addresses: addressesField(written.addresses),
      ...tlsFields(written, named),
    }
  },
  expectations: (written) => expectationsOf(written, { state: 'accepting' }),
}
