/**
 * The name of an object (DOMAIN section 9). It follows from what the ledger declared and from the names of the output,
 * never from what is inside or from where the epoch ends, so that the same epoch always has the same names.
 */
import { encodeKeyPart } from '../../topology/model/names.ts'
import { namespacedTopology, namespaceOf } from '../../topology/model/namespace.ts'
import { hourText, type ObjectOutput } from './output-table.ts'

/** What the name of an object follows from: of an epoch, the part that never changes. */
export interface ObjectOrigin {
  readonly topology: string
  /** A replay's sink tells its namespace by its name. */
  readonly sink: string
  readonly partition: number
  readonly lane: number
  readonly from: number
}

export const objectKey = (epoch: ObjectOrigin, output: ObjectOutput, part: number, suffix: string): string => {
  const folder = [output.project, hourText(output.hour), output.collection].map(encodeKeyPart).join('/')
  const start = String(epoch.from).padStart(20, '0')
  const topology = encodeKeyPart(namespacedTopology(epoch.topology, namespaceOf(epoch.sink)))
  const name = `${topology}-${epoch.partition}-${epoch.lane}-${start}`
  return `${folder}/${name}${part === 0 ? '' : `-${part}`}${suffix}`
}
