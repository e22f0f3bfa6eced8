/** A service with those that it needs directly. */
export type Needing = { id: string; needs?: readonly string[] | undefined }

/** Everything that a service needs, however far, the nearest first, each with the shortest way there. */
export function neededServices(
  services: readonly Needing[],
  serviceId: string,
): Map<string, string[]> {
  const byId = new Map(services.map((service) => [service.id, service]))
  const paths = new Map<string, string[]>()
  const waiting: string[][] = [[serviceId]]
  for (let path = waiting.shift(); path; path = waiting.shift()) {
    for (const need of byId.get(path.at(-1) ?? '')?.needs ?? []) {
      if (need === serviceId || paths.has(need)) continue
      paths.set(need, [...path, need])
      waiting.push([...path, need])
    }
  }
  return paths
}

/** The services that need this one, however far. */
export const dependentsOf = (services: readonly Needing[], serviceId: string): string[] =>
  services.map(({ id }) => id).filter((id) => neededServices(services, id).has(serviceId))

/** Services that need each other in a circle, as a path that ends where it began; undefined without. */
export function needsCycle(services: readonly Needing[]): string[] | undefined {
  const byId = new Map(services.map((service) => [service.id, service]))
  const done = new Set<string>()
  const walk = (path: string[]): string[] | undefined => {
    const id = path.at(-1) ?? ''
    for (const need of byId.get(id)?.needs ?? []) {
      const start = path.indexOf(need)
      if (start >= 0) return [...path.slice(start), need]
      if (done.has(need)) continue
      const cycle = walk([...path, need])
      if (cycle) return cycle
    }
    done.add(id)
    return undefined
  }
  for (const { id } of services) {
    const cycle = done.has(id) ? undefined : walk([id])
    if (cycle) return cycle
  }
  return undefined
}
