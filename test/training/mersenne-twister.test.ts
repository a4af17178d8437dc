import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { MersenneTwister } from '../../training/model/mersenne-twister.ts'

interface Golden {
  seed: [number, ...number[]]
  numbers: number[]
  samples: { n: number; k: number; drawn: number[] }[]
  later: number[]
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/python_random.json'), 'utf8')) as Golden[]

test("numbers and samples are those of Python's random.Random", () => {
  for (const { seed, numbers, samples, later } of golden) {
    const random = new MersenneTwister(...seed)
    assert.deepEqual(
      numbers.map(() => random.random()),
      numbers,
    )
    for (const { n, k, drawn } of samples) assert.deepEqual(random.sample(n, k), drawn, `${seed}: ${k} of ${n}`)
    const last = Array.from({ length: 1000 }, () => random.random()).slice(-3)
    assert.deepEqual(last, later)
  }
})
