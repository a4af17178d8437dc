/**
 * KoBEST (Kim et al. 2022, arXiv 2204.04541) with the prompts of lm-evaluation-harness 0.4.13, tasks/kobest: those
 * Polyglot-Ko was measured with. Rows are read with the columns of skt/kobest_v1, or with those of the published tables.
 */

import { z } from 'zod'
import { stripped, type Task } from './task.ts'

const text = z.string()
/** The number of a class, as a number or as text. */
const label = (classes: number) =>
  z.coerce
    .number()
    .int()
    .min(0)
    .max(classes - 1)
/** `TRUE` or `True`, as the tables have both. */
const truth = z
  .string()
  .regex(/^(true|false)$/i, 'expected True or False')
  .transform((value) => (value.toLowerCase() === 'true' ? 1 : 0))

const test = { scored: 'test', shots: 'train', normalized: false, f1: 'macro' } as const
const NO_YES = ['아니오', '예']

const boolq: Task = {
  name: 'kobest_boolq',
  what: 'is it so, by this paragraph?',
  ...test,
  question: z
    .union([
      z.object({ paragraph: text, question: text, label: label(2) }),
      z
        .object({ Text: text, Question: text, Answer: truth })
        .transform(({ Text, Question, Answer }) => ({ paragraph: Text, question: Question, label: Answer })),
    ])
    .transform(({ paragraph, question, label }) => ({ text: `${paragraph} 질문: ${question} 답변: `, choices: NO_YES, gold: label })),
}

const CONNECTOR = { 원인: ' 왜냐하면', 결과: ' 그래서' }

const copa: Task = {
  name: 'kobest_copa',
  what: 'which of two is the cause, or the result?',
  ...test,
  question: z
    .union([
      z.object({ premise: text, question: text, alternative_1: text, alternative_2: text, label: label(2) }),
      z.object({ sentence: text, question: text, 1: text, 2: text, Answer: z.coerce.number().int().min(1).max(2) }).transform((row) => ({
        premise: row.sentence,
        question: row.question,
        alternative_1: row[1],
        alternative_2: row[2],
        label: row.Answer - 1,
      })),
    ])
    .transform(({ question, ...row }) => ({ ...row, asked: stripped(question) }))
    .pipe(z.object({ premise: text, asked: z.enum(['원인', '결과']), alternative_1: text, alternative_2: text, label: z.number() }))
    .transform(({ premise, asked, alternative_1, alternative_2, label }) => {
      const choices = [alternative_1, alternative_2]
      // The harness looks for the right answer's text.
      return { text: `${premise} ${CONNECTOR[asked]}`, choices, gold: choices.indexOf(choices[label] as string) }
    }),
}

const hellaswag: Task = {
  name: 'kobest_hellaswag',
  what: 'how does it go on?',
  ...test,
  normalized: true,
  question: z
    .union([
      z.object({ context: text, ending_1: text, ending_2: text, ending_3: text, ending_4: text, label: label(4) }),
      z
        .object({ context: text, choice1: text, choice2: text, choice3: text, choice4: text, label: label(4) })
        .transform(({ context, label, ...row }) => ({
          context,
          label,
          ending_1: row.choice1,
          ending_2: row.choice2,
          ending_3: row.choice3,
          ending_4: row.choice4,
        })),
    ])
    .transform(({ context, label, ...row }) => ({
      text: `문장: ${context}`,
      choices: [row.ending_1, row.ending_2, row.ending_3, row.ending_4],
      gold: label,
    })),
}

const sentineg: Task = {
  name: 'kobest_sentineg',
  what: 'is this review a good one, negations and all?',
  ...test,
  question: z
    .union([
      z.object({ sentence: text, label: label(2) }),
      z.object({ Text: text, Label: label(2) }).transform(({ Text, Label }) => ({ sentence: Text, label: Label })),
    ])
    .transform(({ sentence, label }) => ({ text: `문장: ${sentence} 긍부정:`, choices: ['부정', '긍정'], gold: label })),
}

const wic: Task = {
  name: 'kobest_wic',
  what: 'has a word the same sense in two sentences?',
  ...test,
  question: z
    .union([
      z.object({ word: text, context_1: text, context_2: text, label: label(2) }),
      z
        .object({ Target: text, SENTENCE1: text, SENTENCE2: text, ANSWER: truth })
        .transform((row) => ({ word: row.Target, context_1: row.SENTENCE1, context_2: row.SENTENCE2, label: row.ANSWER })),
    ])
    .transform(({ word, context_1, context_2, label }) => ({
      text: `문장1: ${context_1} 문장2: ${context_2} 두 문장에서 ${word}가 같은 뜻으로 쓰였나?`,
      choices: NO_YES,
      gold: label,
    })),
}

export const KOBEST: readonly Task[] = [boolq, copa, hellaswag, sentineg, wic]
