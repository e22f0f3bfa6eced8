import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { addToken, getMe, signIn } from '../protocol/people-api.ts'
import { REQUEST_HEADER } from '../protocol/public-paths.ts'

/** The account with which whoever tries the demo signs in; an admin, and gone with the demo. */
export type DemoAccount = { login: string; password: string }

const PASSWORD_BYTES = 9
const ANSWER_MS_MAX = 10_000
const DAY_MS = 86_400_000
const TOKEN_DAYS = 90

export const newDemoAccount = (): DemoAccount => ({
  login: 'demo',
  password: randomBytes(PASSWORD_BYTES).toString('base64url'),
})

/** Signs in as anybody would, and makes a token for the commands of this folder; none where sign-in is off. */
export async function makeDemoToken(
  address: string,
  { login, password }: DemoAccount,
  signal: AbortSignal,
): Promise<string | undefined> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)])
  const me = await fetch(address + getMe.path, { signal: within })
  if (getMe.response.parse(await me.json()).signIn === 'off') return undefined
  const post = async (path: string, body: unknown, cookie?: string) => {
    const response = await fetch(address + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        [REQUEST_HEADER]: 'demo',
        ...(cookie !== undefined && { cookie }),
      },
      signal: within,
    })
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return response
  }
  const signedIn = await post(signIn.path, { login, password })
  const [cookie] = z.tuple([z.string()]).parse(signedIn.headers.getSetCookie())
  const made = await post(
    addToken.path,
    {
      name: `commands of the demo, ${randomBytes(4).toString('hex')}`,
      role: 'admin',
      login,
      forMs: TOKEN_DAYS * DAY_MS,
    },
    cookie.split(';')[0],
  )
  return addToken.response.parse(await made.json()).secret
}
