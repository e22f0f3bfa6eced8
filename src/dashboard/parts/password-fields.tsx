/** As the interface wants it. */
export const PASSWORD_LENGTH_MIN = 12
const PASSWORD_LENGTH_MAX = 200

/** Asks for a password that somebody chooses. */
export function NewPasswordField({ name = 'password' }: { name?: string }) {
  return (
    <label>
      New password
      <input
        name={name}
        type="password"
        required
        minLength={PASSWORD_LENGTH_MIN}
        maxLength={PASSWORD_LENGTH_MAX}
        autocomplete="new-password"
      />
      <span class="quiet">At least {PASSWORD_LENGTH_MIN} characters.</span>
    </label>
  )
}

/** Asks for the password that holds now. */
export function PresentPasswordField() {
  return (
    <label>
      Present password
      <input
        name="present"
        type="password"
        required
        maxLength={PASSWORD_LENGTH_MAX}
        autocomplete="current-password"
      />
    </label>
  )
}
