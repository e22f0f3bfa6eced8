const STORED_AS = 'person'

/** The name that was given last on this machine, where nobody signs in. */
export function rememberedPerson(): string {
  try {
    return localStorage.getItem(STORED_AS) ?? ''
  } catch {
    return '' // Storage is switched off: the name is asked for each time.
  }
}

export function rememberPerson(name: string): void {
  try {
    localStorage.setItem(STORED_AS, name)
  } catch {
    // As above.
  }
}
