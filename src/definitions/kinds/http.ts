import type { CheckOf } from '../../protocol/check.ts'
import type { WrittenOf } from '../../protocol/check-file.ts'
import type { WrittenBody } from '../../protocol/kinds/http.ts'
import {
  addressesField,
  authFields,
  expectationsOf,
  type KindResolver,
  type NamedContent,
  NETWORK_TIMEOUT_MS,
  tlsFields,
} from './kind-resolver.ts'

const REDIRECTS_MAX = 5
/** Marks the content of a file that is no text. */
export const BASE64_MARK = 'base64:'

export const httpResolver: KindResolver<'http'> = {
  timeoutMs: NETWORK_TIMEOUT_MS,
  retry: 'network',
  fields: (written, named) => ({
    name: written.name ?? written.id,
    ...requestFields(written, named, []),
    ...httpOptionFields(written, named),
  }),
  expectations: (written) => expectationsOf(written, { status: '2xx' }),
}

type WrittenRequest = Pick<WrittenOf<'http'>, 'url' | 'method' | 'headers' | 'body' | 'auth'>

/** @param path where the request stands below its check. */
export function requestFields(
  { url, method, headers = {}, body, auth }: WrittenRequest,
  named: NamedContent,
  path: readonly (string | number)[],
) {
  const content = bodyContent(body, (key) => named.content([...path, 'body', key]))
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  const type = typeof body === 'object' ? (body.type ?? content?.type) : undefined
  return {
    url,
    method: method ?? (isGraphql(body) ? 'POST' : 'GET'),
    headers: { ...headers, ...(type !== undefined && !hasType && { 'content-type': type }) },
    body: content?.text,
    bodyBase64: content?.base64,
    auth: authFields(auth),
  }
}

const isGraphql = (body: WrittenBody | undefined) =>
  typeof body === 'object' && body.graphql !== undefined

type BodyContent = { text?: string; base64?: string; type?: string }

function bodyContent(
  body: WrittenBody | undefined,
  content: (key: string) => string | undefined,
): BodyContent | undefined {
  if (body === undefined) return undefined
  if (typeof body === 'string') return { text: body }
  if (body.text !== undefined) return { text: body.text }
  if (body.json !== undefined) return { text: JSON.stringify(body.json), type: 'application/json' }
  if (body.graphql !== undefined)
    return { text: JSON.stringify(body.graphql), type: 'application/json' }
  if (body.form !== undefined) return { text: formText(body.form), type: FORM_TYPE }
  const file = content('file') ?? ''
  return file.startsWith(BASE64_MARK) ? { base64: file.slice(BASE64_MARK.length) } : { text: file }
}

const FORM_TYPE = 'application/x-www-form-urlencoded'

/** As a browser sends a form; `{{NAME}}` stays what it is, for the probe to fill in. */
function formText(form: Record<string, string | number | boolean>): string {
  const encoded = new URLSearchParams(
    Object.entries(form).map(([name, value]) => [name, String(value)]),
  ).toString()
  return encoded.replace(/%7B%7B([A-Za-z0-9_]+)%7D%7D/g, '{{$1}}')
}

type HttpOptions = Pick<
  WrittenOf<'http'>,
  | 'redirects'
  | 'httpVersion'
  | 'compression'
  | 'addresses'
  | 'proxy'
  | 'secrets'
  | 'serverName'
  | 'clientCertificate'
>

export function httpOptionFields(written: HttpOptions, named: NamedContent) {
  const { redirects, proxy, secrets } = written
  return {
    ...tlsFields(written, named),
    redirectsMax: redirects === undefined || redirects === true ? REDIRECTS_MAX : Number(redirects),
    httpVersion: written.httpVersion,
    compression: written.compression,
    addresses: addressesField(written.addresses),
    proxy: typeof proxy === 'string' ? { url: proxy } : (proxy as CheckOf<'http'>['proxy']),
    secrets,
  }
}
