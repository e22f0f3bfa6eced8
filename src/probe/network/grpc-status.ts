/** By number: https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]

/** The name of a `grpc-status`; undefined for what is no number. */
export function grpcStatusName(code: string): string | undefined {
  if (!/^\d{1,9}$/.test(code)) return undefined
  return NAMES[Number(code)] ?? code
}

/**
 * What an answer means that is not gRPC's, such as that of a load balancer:
 * https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
 */
export function grpcStatusOfHttp(status: number): string {
  switch (status) {
    case 400:
      return 'INTERNAL'
    case 401:
      return 'UNAUTHENTICATED'
    case 403:
      return 'PERMISSION_DENIED'
    case 404:
      return 'UNIMPLEMENTED'
    case 429:
    case 502:
    case 503:
    case 504:
      return 'UNAVAILABLE'
    default:
      return 'UNKNOWN'
  }
}

/** `grpc-message` is percent-encoded; what is not encoded well is shown as it came. */
export function grpcMessageText(message: string): string {
  try {
    return decodeURIComponent(message)
  } catch {
    // For people only: better odd than nothing.
    return message
  }
}
