/**
 * The keys of a GPT-NeoX configuration: those that kopipe takes, those of which it can do one value only, and those that
 * decide no result. Names, types and defaults are those of EleutherAI's gpt-neox at ea7aefd8 (`megatron/neox_arguments`).
 */

import { z } from 'zod'

const whole = z.int('expected a whole number').min(1, 'expected a whole number from 1')
const share = z.number('expected a number from 0 to 1').min(0, 'expected a number from 0 to 1').max(1, 'expected a number from 0 to 1')
const some = z.number('expected a number').min(0, 'expected a number from 0')
const above = z.number('expected a number above 0').positive('expected a number above 0')
const text = z.string('expected text')
const paths = z.array(text, 'expected a list of paths').min(1, 'expected a list of paths')
const weights = z.array(some, 'expected a list of weights').nullish()

/** What is taken, key by key; null is as good as nothing. */
export const takenKeys = z.object({
  data_path: text.nullish(),
  train_data_paths: paths.nullish(),
  valid_data_paths: paths.nullish(),
  test_data_paths: paths.nullish(),
  train_data_weights: weights,
  valid_data_weights: weights,
  test_data_weights: weights,
  split: z.union([text, z.number()], 'expected shares such as 969,30,1').nullish(),
  tokenizer_type: text.nullish(),
  vocab_file: text.nullish(),
  make_vocab_size_divisible_by: whole.nullish(),
  model_parallel_size: z.int().min(0).nullish(),
  seq_length: whole.min(2, 'expected a whole number from 2').nullish(),
  train_iters: whole.nullish(),
  seed: z
    .int('expected a whole number from 0')
    .min(0, 'expected a whole number from 0')
    .max(2 ** 32 - 1)
    .nullish(),
  train_batch_size: whole.nullish(),
  train_micro_batch_size_per_gpu: whole.nullish(),
  gradient_accumulation_steps: whole.nullish(),
  optimizer: z
    .strictObject({
      type: z.string().optional(),
      params: z
        .strictObject({
          lr: above.optional(),
          betas: z.tuple([share, share], 'expected two numbers').optional(),
          eps: above.optional(),
          weight_decay: some.optional(),
        })
        .optional(),
    })
    .nullish(),
  weight_decay: some.nullish(),
  gradient_clipping: above.nullish(),
  min_lr: some.nullish(),
  warmup: share.nullish(),
  lr_decay_style: z.enum(['constant', 'linear', 'cosine', 'exponential'], 'expected constant, linear, cosine or exponential').nullish(),
  lr_decay_iters: whole.nullish(),
  lr_decay_fraction: share.nullish(),
  num_layers: whole.nullish(),
  hidden_size: whole.nullish(),
  num_attention_heads: whole.nullish(),
  num_kv_heads: whole.nullish(),
  intermediate_size: whole.nullish(),
  expansion_factor: above.nullish(),
  rotary_pct: share.nullish(),
  gpt_j_residual: z.boolean('expected true or false').nullish(),
  attention_config: z.array(z.tuple([z.array(text), z.union([whole, z.literal('all')])])).nullish(),
})

export type TakenKeys = z.output<typeof takenKeys>

/** Keys of which kopipe can do this only, and what GPT-NeoX does where a configuration of a model does not say it. */
export const ONLY: Record<string, { only: readonly unknown[]; byDefault?: string }> = {
  norm: { only: ['layernorm'] },
  pos_emb: { only: ['rotary'], byDefault: 'learned' },
  activation: { only: ['gelu'] },
  no_weight_tying: { only: [true], byDefault: 'false' },
  init_method: { only: ['small_init'], byDefault: 'normal' },
  output_layer_init_method: { only: ['wang_init'], byDefault: 'scaled_normal' },
  layernorm_epsilon: { only: [1e-5] },
  rotary_emb_base: { only: [10_000] },
  hidden_dropout: { only: [0] },
  attention_dropout: { only: [0] },
  gpt_j_tied: { only: [false] },
  use_bias_in_norms: { only: [true] },
  use_bias_in_attn_linear: { only: [true] },
  use_bias_in_mlp: { only: [true] },
  use_qk_layernorm: { only: [false] },
  mlp_multiple_of: { only: [1] },
  num_unique_layers: { only: [] },
  sliding_window_width: { only: [] },
  soft_prompt_tuning: { only: [] },
  sparse_attention: { only: [] },
  curriculum_learning: { only: [] },
  data_efficiency: { only: [] },
  compression_training: { only: [] },
  scheduler: { only: [] },
  apply_query_key_layer_scaling: { only: [false] },
  moe_num_experts: { only: [0, 1] },
  use_mup: { only: [false] },
  finetune: { only: [false] },
  data_impl: { only: ['mmap', 'infer'] },
  dataset_impl: { only: ['gpt2'] },
  pack_impl: { only: ['packed'] },
  allow_chopped: { only: [true] },
  train_impl: { only: ['normal'] },
  train_epochs: { only: [] },
  weight_by_num_documents: { only: [false] },
  eod_mask_loss: { only: [false] },
  z_loss: { only: [0] },
  use_bnb_optimizer: { only: [false] },
  ...Object.fromEntries(
    ['train', 'valid', 'test'].flatMap((split) =>
      [`${split}_label_data_paths`, `${split}_reward_data_paths`]
        .concat(['pos', 'neg'].flatMap((side) => [`${side}_${split}_data_paths`, `${side}_${split}_label_data_paths`]))
        .map((key) => [key, { only: [] }]),
    ),
  ),
}

/**
 * Keys that decide no result here: precision (kopipe computes in fp32), parallelism and kernels (one device; a fused GELU
 * is an approximation of the exact one), checkpoints, evaluation, logs, networks, and those of models that `ONLY` refuses.
 */
export const IGNORED: ReadonlySet<string> = new Set(
  `
  precision fp16 bf16 amp data_types fp32_allreduce fp16_lm_cross_entropy attention_softmax_in_fp32 loss_scale
  loss_scale_window min_scale hysteresis dynamic_loss_scale
  pipe_parallel_size pipe_partition_method world_size is_pipe_parallel sequence_parallel output_layer_parallelism
  use_cpu_initialization init_method_std param_sharing_style
  layernorm_fusion rmsnorm_fusion rope_fusion scaled_upper_triang_masked_softmax_fusion scaled_masked_softmax_fusion
  bias_gelu_fusion bias_dropout_fusion use_flashattn_swiglu fused_kernels_build_path rotary_save_freqs_buffer
  max_position_embeddings rms_norm_epsilon scalenorm_epsilon rpe_num_buckets rpe_max_distance opt_pos_emb_offset
  gmlp_attn_dim sparsity_config dim_att head_size ffn_dim
  mamba_selective_scan_fusion mamba_causal_conv_fusion mamba_inner_func_fusion mamba_selective_fp32_params
  mamba_use_bias_in_conv mamba_use_bias_in_linears
  te_columnparallel te_rowparallel te_layernorm_mlp te_mha te_fp8_format te_fp8_wgrad te_fp8_amax_history_len
  te_fp8_amax_compute_algo te_fp8_margin te_fp8_mha
  serve_model_weights weight_server_port online_dataserver_ips online_dataserver_ports
  moe_expert_interval moe_top_k moe_router_type moe_lbl_in_fp32 moe_jitter_eps moe_loss_coeff
  optimizer_type lr zero_stage zero_reduce_scatter zero_contiguous_gradients zero_reduce_bucket_size
  zero_allgather_bucket_size zero_optimization zero_allow_untested_optimizer clip_grad batch_size
  override_lr_scheduler use_checkpoint_lr_scheduler
  use_wandb wandb wandb_group wandb_run_name wandb_team wandb_project wandb_host wandb_init_all_ranks git_hash log_dir
  tensorboard tensorboard_dir use_comet comet_workspace comet_project comet_experiment_name comet_tags comet_others
  peak_theoretical_tflops log_interval log_grad_pct_zeros log_param_norm log_grad_norm log_optimizer_states
  log_gradient_noise_scale gradient_noise_scale_n_batches gradient_noise_scale_cpu_offload
  memory_profiling memory_profiling_path profile profile_step_start profile_step_stop
  distributed_backend local_rank rank lazy_mpu_init short_seq_prob adlr_autoresume adlr_autoresume_interval onnx_safe
  deepscale deepscale_config deepspeed_mpi deepspeed_slurm user_script iteration do_train do_valid do_test
  global_num_gpus padded_vocab_size merge_file use_shared_fs weighted_sampler_alpha mmap_warmup
  dpo_fp32 dpo_reference_free dpo_beta kto_fp32 kto_desirable_weight kto_undesirable_weight kto_beta fp32_reinforce
  kl_impl kl_div_beta reinforce_leave_one_out
  save load s3_path s3_chunk_size config_files checkpoint checkpoint_validation_with_forward_pass checkpoint_scale
  checkpoint_factor extra_save_iters no_save_optim no_save_rng no_load_optim no_load_rng keep_last_n_checkpoints
  eval_iters eval_interval eval_tasks num_workers exit_interval char_level_ppl
  checkpoint_activations checkpoint_num_layers deepspeed_activation_checkpointing contiguous_checkpointing
  checkpoint_in_cpu synchronize_each_layer profile_backward partition_activations activation_checkpointing
  coord_check save_base_shapes base_shapes_file mup_init_scale mup_attn_temp mup_output_temp mup_embedding_mult
  mup_rp_embedding_mult mup_width_scale
  text_gen_type precompute_model_name temperature top_p top_k return_logits maximum_tokens prompt_end sample_input_file
  sample_output_file num_samples recompute eval_results_prefix
  deepspeed prescale_gradients gradient_predivide_factor sparse_gradients curriculum_seqlen steps_per_print
  wall_clock_breakdown dump_state flops_profiler communication_data_type autotuning csv_monitor elasticity comms_logger
  deepspeed_extra_args hostfile include exclude num_nodes num_gpus master_port master_addr launcher force_multi
  autotuning_run no_ssh_check comment account
  `
    .trim()
    .split(/\s+/),
)
