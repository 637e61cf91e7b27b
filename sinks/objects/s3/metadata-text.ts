/**
 * Metadata as header values: ASCII, so that no server or proxy changes a byte. Everything but letters, digits and
 * `-_.!~*'()` is percent-encoded as UTF-8; numbers, digests and plain names stay readable.
 */
import type { ObjectMetadata } from '../../../topology/model/ports/object-store.ts'

export const encodeMetadata = (metadata: ObjectMetadata): Record<string, string> =>
  Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), encodeURIComponent(value.toWellFormed())]),
  )

export const decodeMetadata = (headers: Readonly<Record<string, string>> | undefined): ObjectMetadata =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), decoded(value)]))

const decoded = (value: string): string => {
  try {
    return decodeURIComponent(value)
  } catch {
    // Not written by us: shown as it is.
    return value
  }
}
