import type { Role } from '../../protocol/access.ts'

const ROLES: readonly { role: Role; means: string }[] = [
  { role: 'viewer', means: 'sees everything' },
  { role: 'responder', means: 'leads incidents, silences, runs checks' },
  { role: 'admin', means: 'that, and says who may come in' },
]

/** Asks what somebody may do. */
export function RoleChoice({ chosen }: { chosen: Role }) {
  return (
    <fieldset>
      <legend>Role</legend>
      {ROLES.map(({ role, means }) => (
        <label key={role} class="choice">
          <input type="radio" name="role" value={role} defaultChecked={role === chosen} />
          <span>
            {role} <span class="quiet">{means}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
