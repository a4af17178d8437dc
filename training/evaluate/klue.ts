/**
 * Two tasks of KLUE (Park et al. 2021, arXiv 2105.09680). lm-evaluation-harness 0.4.13 has none of them; the prompts are
 * those of its branch that Polyglot-Ko was measured with. Two things differ: the sentences of STS are not detokenized, as
 * they are written as people write, and 'same' is the class 1 in it. Only the published validation sets are scored.
 */

import { z } from 'zod'
import { stripped, type Task } from './task.ts'

const text = z.string()
const validation = { scored: 'validation', shots: 'validation', normalized: false } as const
const RELATIONS = ['entailment', 'neutral', 'contradiction'] as const

const nli: Task = {
  name: 'klue_nli',
  what: 'does one sentence follow from another, contradict it, or neither?',
  ...validation,
  f1: 'macro',
  question: z
    .union([
      z.object({ premise: text, hypothesis: text, label: z.int().min(0).max(2) }),
      z
        .object({ premise: text, hypothesis: text, gold_label: z.enum(RELATIONS) })
        .transform(({ premise, hypothesis, gold_label }) => ({ premise, hypothesis, label: RELATIONS.indexOf(gold_label) })),
    ])
    .transform(({ premise, hypothesis, label }) => ({
      text: `${premise}:${stripped(hypothesis)}`,
      choices: ['(참)', '(중립)', '(모순)'],
      gold: label,
    })),
}

const sts: Task = {
  name: 'klue_sts',
  what: 'do two sentences mean the same?',
  ...validation,
  f1: 'binary',
  question: z
    .object({ sentence1: text, sentence2: text, labels: z.object({ 'binary-label': z.int().min(0).max(1) }) })
    .transform(({ sentence1, sentence2, labels }) => ({
      text: `문장1: ${sentence1}\n문장2: ${sentence2}\n정답:`,
      choices: ['다름', '같음'],
      gold: labels['binary-label'],
    })),
}

export const KLUE: readonly Task[] = [nli, sts]
