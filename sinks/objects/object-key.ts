/**
 * The name of an object (DOMAIN section 9). It follows from what the ledger declared and from the names of the output,
 * never from what is inside or from where the epoch ends, so that the same epoch always has the same names.
 */
import { encodeKeyPart } from '../../topology/model/names.ts'
import { type Compression, compressionSuffix } from './compress-object.ts'
import { hourText, type ObjectOutput } from './output-table.ts'

export const objectKey = (
  epoch: { readonly topology: string; readonly partition: number; readonly lane: number; readonly from: number },
  output: ObjectOutput,
  part: number,
  compression: Compression,
): string => {
  const folder = [output.project, hourText(output.hour), output.collection].map(encodeKeyPart).join('/')
  const start = String(epoch.from).padStart(20, '0')
  const name = `${encodeKeyPart(epoch.topology)}-${epoch.partition}-${epoch.lane}-${start}`
  return `${folder}/${name}${part === 0 ? '' : `-${part}`}.ndjson${compressionSuffix[compression]}`
}
