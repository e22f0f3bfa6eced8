import { userInfo } from 'node:os'

/** Who types, as far as this machine knows. */
export function whoAmI(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as somebody whom its system does not know.
    return 'somebody'
  }
}
