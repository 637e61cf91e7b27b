/** Does something with a fault planted: what guards against it is shown to be needed. */
import { plantedFaults } from '../../topology/model/planted-faults.ts'

export const planted = async <Result>(fault: string, work: () => Promise<Result>): Promise<Result> => {
  plantedFaults.add(fault)
  try {
    return await work()
  } finally {
    plantedFaults.delete(fault)
  }
}
