/** The acceptance simulation of April 2019, the other half of its seeds: two files, so that two cores share them. */
import { testNights } from './given-nights.ts'

testNights([11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
