"""Advice without a call of ``Advice`` or ``advised``: the test that follows it, or why none does.

The texts are parts of messages, as in the source.
"""

from __future__ import annotations

TESTED_IN: dict[str, tuple[str, ...]] = {
    "advice/test_commands.py::test_lists_without_entries_say_how_to_start": (
        "No blind readings. To start one: ",
        "No reviews yet. To start: ",
    ),
    "advice/test_commands.py::test_a_paused_queue_and_paused_jobs_are_resumed": (
        " is {}; to resume it: ",
        "Queue paused. To resume it, press P in the app, or run: ",
    ),
    "advice/test_commands.py::test_a_wrong_word_is_replaced_as_advised": (
        "give only job ids and --dataset",
        "write it as WIDTHxHEIGHT",
        "choose a file name",
        "xray-tui help lists the topics",
    ),
    "advice/test_commands.py::test_a_copy_without_its_hidden_folder_is_completed_or_rebuilt": (
        "answer n and copy it here",
    ),
    "advice/test_dataset.py::test_what_is_in_the_way_of_an_image_is_moved": (
        "a file is in the way; move it elsewhere",
    ),
    "advice/test_workbench.py::test_hints_of_prompts_and_queue": (
        "No prompt selected. Mark one with space first.",
        "Paused: press P to resume",
    ),
    "advice/test_workbench.py::test_an_interrupted_job_is_resumed_later": (
        "Job paused: press space in the queue to resume it",
        "Job interrupted: press space in the queue to resume it",
    ),
    "cli/test_generate.py::test_prompts_unknown_to_the_bundled_model_need_a_flag": (
        "or add --untrained to generate",
    ),
    "cli/test_generate.py::test_the_app_without_a_terminal_suggests_generate": (
        "without one, use: xray-tui generate",
    ),
    "cli/test_generate.py::test_an_ad_hoc_prompt_is_generated_under_its_own_region": (
        "; add --text",
    ),
    "cli/test_purge.py::test_only_one_action_at_a_time": ("use only one of --dry-run",),
    "cli/test_purge.py::test_a_purge_with_its_questions_its_undo_and_an_empty_trash": (
        "to restore purged images: ",
    ),
    "dataset/repair/test_verifying.py::test_a_missing_catalog": (
        "it is rebuilt when xray-tui opens the dataset",
        "for details: ",
    ),
    "e2e/test_terminals.py::test_a_dumb_terminal_is_refused_with_advice": ("TERM is dumb",),
    "e2e/test_broken_environments.py::test_a_command_works_or_says_what_is_wrong": (
        "unset PYTHONOPTIMIZE",
    ),
    "generation/running/test_full_disk.py"
    "::test_the_job_waits_logs_it_and_finishes_when_there_is_room": (
        "or the job will wait when the disk is full",
        "the disk is full; make room",
        "your disk quota is used up; make room",
    ),
    "generation/sampling/test_batch_fitter.py"
    "::test_one_task_too_large_for_the_memory_does_not_stop_the_job": ("reduce the size",),
    "generation/sampling/test_devices.py::test_check_devices_refuses_a_job_for_a_missing_device": (
        "use device auto or cpu",
    ),
    "generation/sampling/test_flawed_images.py::test_failed_tasks_succeed_when_retried": (
        "try dtype float32 or another guidance scale",
        "try other parameters",
    ),
    "generation/sampling/test_memory.py::test_half_the_bytes_need_half_the_memory": (
        "is free on {}; use {}",
    ),
    "generation/sampling/test_preview.py::test_stable_diffusion_has_a_built_in_map": (
        "unknown format; delete it",
        "does not match this model; delete it",
    ),
    "installed/test_commands.py::test_a_command_works": (
        "xray-tui help TOPIC prints",
        " is not a hub id: write owner/name",
        "`xray-tui help ",
    ),
    "installed/test_generating_commands.py::test_a_downloaded_model_is_listed_and_generates": (
        "Use it with: --model ",
    ),
    "installed/test_tour.py::test_from_the_first_image_to_the_accepted_ones": (
        "Mark prompts with space, set parameters, press g.",
        "Press p to accept or x to reject an image",
        "Press g: images of the marked prompts",
        "Press f2, mark prompts with space, then press g.",
        "Press F2 to review: p accepts an image",
    ),
    "models/hub/test_advice.py::test_a_missing_or_damaged_model_is_downloaded_as_advised": (
        "; copy or download it again",
        "; copy or download the file again",
    ),
    "models/hub/test_download.py::test_a_stalled_download_times_out_and_can_be_repeated": (
        "run it again to continue",
    ),
    "models/hub/test_download.py::test_a_downloaded_model_can_be_used": ("unset HF_HUB_OFFLINE",),
    "models/test_catalogue.py::test_a_diffusers_folder_is_recognised": (
        "pass its path with --model",
        "use components of the same model",
    ),
    "models/test_catalogue.py::test_a_single_file_is_recognised": ("pass it with --model",),
    "tui/blind/test_screen.py::test_keys_answer_and_going_back_changes_an_answer": (
        "Press r or s, then a label key",
        "Press → to continue.",
    ),
    "tui/blind/test_screen.py::test_labels_without_a_key_are_chosen_by_the_cursor": (
        "or press the key next to it",
    ),
    "tui/manual/test_screen.py::test_words_are_found_on_all_pages_in_turn": (
        "Choose a topic on the left. / searches",
    ),
    "tui/prompts/test_prompt_edit.py::test_a_new_prompt_can_be_written_with_the_keyboard_alone": (
        "Press space to toggle.",
    ),
    "tui/prompts/test_prompt_edit.py::test_reading_an_unchanged_form_returns_the_same_prompt": (
        "Write {{ and }} for plain braces",
    ),
    "tui/review/test_lone_host.py::test_images_are_queued_again_and_many_only_after_a_question": (
        "The app generates them, or: ",
    ),
    "tui/review/test_outlets.py::test_without_a_way_to_open_images_the_message_says_what_to_do": (
        "Press y to copy the path, or set viewer in the settings.",
    ),
    "tui/workbench/test_images.py::test_e_takes_prompt_seed_and_parameters_into_the_form": (
        "are in the form. Press g to generate.",
        "start {}, press f2, then e.",
    ),
    "tui/review/test_outlets.py::test_path_prompt_or_seed_is_copied": ("Mark fewer images.",),
    "tui/review/statistics/test_screen.py"
    "::test_a_target_for_a_region_for_marks_and_for_all_labels_is_one_step": (
        "Type a number for each, or none.",
        "enter sets one target for each",
    ),
    "tui/review/test_purge.py::test_rejected_images_are_purged_after_a_question_and_restored": (
        "Press z to restore them",
    ),
    "tui/test_external_editor.py::test_changes_and_mistakes_of_the_editor": (
        "Set VISUAL or EDITOR",
        "Check VISUAL and EDITOR",
    ),
    "tui/workbench/test_library_editing.py"
    "::test_a_copy_that_cannot_be_written_keeps_the_form_open": ("and its copy cannot be created",),
    "tui/workbench/test_library_editing.py"
    "::test_a_file_broken_by_another_editor_keeps_the_form_open_until_it_is_mended": (
        "Fix the file, then press ctrl+r.",
        "{} has errors. Fix them first.",
    ),
    "tui/workbench/test_library_editing.py"
    "::test_a_prompt_that_another_program_changed_is_replaced_only_on_request": (
        "Press ctrl+r to reload it",
    ),
}
"""Tests, below ``tests``, that do what these messages say."""

OUTSIDE: dict[str, tuple[str, ...]] = {
    "another disk, its permissions, or limits of the system": (
        "it cannot be opened or created; check the permissions of its folder",
        "make it writable or choose another dataset folder",
        "no permission; choose another dataset folder",
        "(ulimit -f); raise it",
        "the disk reports an error; check it",
        "(ulimit -n); raise the limit",
        "does not support locks; choose another dataset folder",
        "free some space, or set HF_HOME",
        "set HF_HOME to a folder you can write to",
    ),
    "a newer version, which does not exist yet": ("written by a newer",),
    "images of a session of the first version, which only its user has": (
        "or put the files back and run: ",
    ),
    "a setting of tmux": ("In tmux this needs: ",),
    "the hub, the network, or an account there": (
        "the hub's client did not start within",
        "log in with 'hf auth login'",
        "another model",
        "check HF_ENDPOINT",
        "; try again",
        "try again in a few minutes",
        "try again later",
    ),
    "a GPU that cannot compute with bfloat16": ("dtype bfloat16: this GPU",),
    "an editor other than xray-tui": ("use a text editor",),
    "any other name will do": ("is not valid Unicode; use another name", "use another name"),
}
"""Messages whose remedy is outside the program, by what it is."""

NO_ADVICE: dict[str, tuple[str, ...]] = {
    "help of a command or an option, whose examples the suite of the installed wheel runs": (
        "List models, or download one",
        "List the prompts, or check",
        "Resume interrupted jobs; give job ids",
    ),
    "says what has happened, or what the program does": (
        "Moved to the trash: {}, {}",
        "set to interrupted, as their process had ended",
        "xray-tui is quitting",
        "xray-tui runs no other code",
        "xray-tui runs Stable Diffusion 1 and 2",
        "xray-tui generates images from text alone",
        "orm, marks, filters and views",
    ),
    "says what a key does": ("delete a saved filter", "save, start, or finish"),
}
"""Texts that only look like advice, by what they are."""
