import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { AppError } from '../../base/app-error.ts'

/** 32 MiB and some 100 ms each: as OWASP's password storage cheat sheet has it for scrypt. */
const COST = { logN: 15, r: 8, p: 3 }
const HASH_BYTES = 32
const SALT_BYTES = 16
/** Hashes at once: what many people signing in may take of processors and memory. */
const AT_ONCE_MAX = 2
/** Hashes that wait; one more is told to come again. */
const WAITING_MAX = 50

export type Passwords = {
  /** The hash to store, with its algorithm and parameters. @throws {AppError} `request.too_many` */
  hash(password: string): Promise<string>
  /**
   * Whether a password has this hash. Without one it works as hard and says no, so that nobody learns
   * from the time which accounts there are.
   *
   * @throws {AppError} `request.too_many`
   */
  isRight(password: string, stored: string | undefined): Promise<boolean>
}

type Cost = typeof COST

export function createPasswords(): Passwords {
  let running = 0
  const waiting: (() => void)[] = []

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= AT_ONCE_MAX) {
      if (waiting.length >= WAITING_MAX)
        throw new AppError('request.too_many', 'too many people sign in at this moment')
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
  const derive = (password: string, salt: Buffer, cost: Cost) =>
    inTurn(() => deriveKey(password, salt, cost))

  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES)
      return encode(COST, salt, await derive(password, salt, COST))
    },
    async isRight(password, stored) {
      const known = stored === undefined ? undefined : decode(stored)
      const { cost, salt, key } = known ?? NOBODY
      const derived = await derive(password, salt, cost)
      return timingSafeEqual(derived, key) && known !== undefined
    },
  }
}

/** What the passwords of accounts that do not exist are compared with. */
const NOBODY = { cost: COST, salt: randomBytes(SALT_BYTES), key: randomBytes(HASH_BYTES) }

function deriveKey(password: string, salt: Buffer, { logN, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** logN
  // Node asks for room for what it needs, and a little more.
  const options = { N, r, p, maxmem: 128 * N * r * 2 }
  return new Promise((resolve, reject) => {
    // The same text can be typed in two ways, such as an accent after its letter.
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

const encode = ({ logN, r, p }: Cost, salt: Buffer, key: Buffer): string =>
  ['scrypt', logN, r, p, salt.toString('base64url'), key.toString('base64url')].join('$')

function decode(stored: string): { cost: Cost; salt: Buffer; key: Buffer } | undefined {
  const [algorithm, logN, r, p, salt, key] = stored.split('$')
  if (algorithm !== 'scrypt' || salt === undefined || key === undefined) return undefined
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  }
}
