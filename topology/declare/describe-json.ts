/** The description as JSON text: keys in a stable order, compact unless indented. */
import type { Description } from './describe-topology.ts'

export const describeJson = (description: Description, indent = 0): string => JSON.stringify(description, null, indent)
