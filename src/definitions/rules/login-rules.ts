import { quote } from '../printable.ts'
import type { Problem } from '../problem.ts'
import { type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { checkPaths } from './inherited.ts'
import { requestPaths } from './request-rules.ts'

const BASIC =
  'auth: { basic: { username: ada, password: SHOP_PASSWORD } } with the name of a secret'
const PROXY =
  'proxy: { url: http://proxy.example.com:3128, username: ada, password: PROXY_PASSWORD } with the name of a secret'
const TOKEN = 'an address without user and password; clientId and clientSecret are the login'
const JOURNEY =
  'an address without user and password, and the name of a secret in "secrets" for the journey to log in with'
const NONE = 'an address without user and password'

/**
 * A user or a password in an address. Definitions travel to every probe and to everybody who looks at a
 * check; what is secret is a name there, and its value in the probe's own environment.
 */
export function loginProblems(yaml: YamlFile): Problem[] {
  return checkPaths(yaml).flatMap((check) => {
    const isJourney = valueAt(yaml.value, [...check, 'kind']) === 'journey'
    const inside = (...keys: string[]): Path => [...check, ...keys]
    return [
      ...loginProblem(yaml, inside('url'), isJourney ? JOURNEY : BASIC),
      ...loginProblem(yaml, inside('proxy'), PROXY),
      ...loginProblem(yaml, inside('proxy', 'url'), PROXY),
      ...loginProblem(yaml, inside('rdapServer'), NONE),
      ...loginProblem(yaml, inside('server'), NONE),
      ...loginProblem(yaml, inside('auth', 'oauth2', 'tokenUrl'), TOKEN),
      ...requestPaths(yaml, check).flatMap((request) => [
        ...loginProblem(yaml, [...request, 'url'], BASIC),
        ...loginProblem(yaml, [...request, 'auth', 'oauth2', 'tokenUrl'], TOKEN),
      ]),
    ]
  })
}

function loginProblem(yaml: YamlFile, path: Path, expected: string): Problem[] {
  const written = valueAt(yaml.value, path)
  const url = typeof written === 'string' ? URL.parse(written) : null
  if (!url || (url.username === '' && url.password === '')) return []
  const message = `the address in ${quote(String(path.at(-1)))} holds a login, and everybody who sees the check would see it`
  return [problemAt(yaml, path, { message, expected })]
}
