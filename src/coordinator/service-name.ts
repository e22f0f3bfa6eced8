import type { Fleet } from '../protocol/config.ts'
import { FLEET_SERVICE } from '../protocol/ids.ts'

/** What people call a service; its id where it is not defined any more. */
export function serviceName({ services }: Pick<Fleet, 'services'>, serviceId: string): string {
  if (serviceId === FLEET_SERVICE) return 'Fleet'
  return services.find((service) => service.id === serviceId)?.name ?? serviceId
}
