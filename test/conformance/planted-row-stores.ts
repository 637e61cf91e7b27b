/** Stores of rows with one fault each, and the clauses that must find it. */
import { createMemoryRows } from '../../sinks/rows/memory/memory-rows.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import type { PlantedRowStore } from './planted-rows/planted-row-store.ts'
import { refusalFaults } from './planted-rows/refusal-faults.ts'
import { scanFaults } from './planted-rows/scan-faults.ts'
import { stampFaults } from './planted-rows/stamp-faults.ts'
import { valueFaults } from './planted-rows/value-faults.ts'

export const makePlanted = (planted: PlantedRowStore): RowStore => {
  const inner = createMemoryRows()
  return { ...inner, ...planted.plant(inner) }
}

export const plantedRowStores: readonly PlantedRowStore[] = [
  ...valueFaults,
  ...stampFaults,
  ...scanFaults,
  ...refusalFaults,
]
