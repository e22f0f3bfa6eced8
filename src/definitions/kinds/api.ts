import type { CheckOf } from '../../protocol/check.ts'
import type { WrittenOf } from '../../protocol/check-file.ts'
import type { Capture } from '../../protocol/kinds/api.ts'
import { httpOptionFields, requestFields } from './http.ts'
import { expectationsOf, type KindResolver } from './kind-resolver.ts'

const API_TIMEOUT_MS = 20_000

type Request = WrittenOf<'api'>['requests'][number]

export const apiResolver: KindResolver<'api'> = {
  timeoutMs: API_TIMEOUT_MS,
  retry: 'network',
  fields: (written, named) => ({
    name: written.name ?? written.id,
    ...httpOptionFields(written, named),
    requests: written.requests.map((request, index) => ({
      name: request.name,
      ...requestFields(request, named, ['requests', index]),
      capture: captures(request),
    })) as CheckOf<'api'>['requests'],
  }),
  expectations: (written) => [
    ...written.requests.flatMap((request) =>
      expectationsOf(request, { status: '2xx' }, request.name),
    ),
    ...expectationsOf(written, {}),
  ],
}

function captures({ capture }: Request): Record<string, Capture> | undefined {
  if (!capture) return undefined
  const entries = Object.entries(capture).map(([name, written]) => {
    const { json, header, select, body, matches, isSecret } = written
    const secret = isSecret === undefined ? {} : { isSecret }
    if (body !== undefined) return [name, { from: 'body', matches: body, ...secret }]
    const [from, key] =
      json !== undefined
        ? ['json', json]
        : header !== undefined
          ? ['header', header]
          : ['select', select]
    return [name, { from, key, ...(matches !== undefined && { matches }), ...secret }]
  })
  return Object.fromEntries(entries)
}
