import { expect, test } from 'vitest'
import { RoundTrips } from '../../topology/model/round-trips.ts'

const trip = (trips: RoundTrips, atMs: number, tookMs: number): void => trips.begin(atMs)(atMs + tookMs)

test('the recent mean follows a change within seconds, the long one does not', () => {
  const trips = new RoundTrips()
  for (let ms = 0; ms < 100_000; ms += 100) trip(trips, ms, 10)
  for (let ms = 100_000; ms < 112_000; ms += 1_000) trip(trips, ms, 400)
  const { meanMs, recentMs } = trips.latency(112_500)!
  expect(recentMs).toBe(400)
  expect(meanMs).toBeLessThan(50)
})

test('where nothing was asked lately, the usual is the best guess', () => {
  const trips = new RoundTrips()
  trip(trips, 0, 10)
  expect(trips.latency(60_000)).toEqual({ meanMs: 10, recentMs: 10 })
})

test('what never reached the server says nothing about it; a clock put back measures nothing below zero', () => {
  const trips = new RoundTrips()
  trips.begin(0)(5_000, false)
  expect(trips.latency(5_000)).toBeUndefined()
  trip(trips, 100, -50)
  expect(trips.latency(100)).toEqual({ meanMs: 0, recentMs: 0 })
})
