"""Advice without a call of ``Advice`` or ``advised``: the test that follows it, or why none does.

The texts are parts of messages, as in the source.
"""

from __future__ import annotations

TESTED_IN: dict[str, tuple[str, ...]] = {
    "e2e/test_bytes_sent.py::test_a_key_sends_what_changes": ("This window has {}×{} characters",),
    "advice/test_commands.py::test_lists_without_entries_say_how_to_start": (
        "No blind readings. To start one: ",
        "No reviews yet. To start: ",
    ),
    "advice/test_commands.py::test_a_wrong_word_is_replaced_as_advised": (
        "give only job ids and --dataset",
        "write it as WIDTHxHEIGHT",
        "choose a file name",
        "xray-tui help lists the topics",
    ),
    "advice/test_workbench.py::test_an_interrupted_job_is_resumed_later": (
        "Job paused: press space in the queue to resume it",
        "Job interrupted: press space in the queue to resume it",
    ),
    "dataset/repair/test_verifying.py::test_images_of_earlier_versions_are_marked": (
        "{}; {}; to mark them: ",
    ),
    "cli/doctor/test_provoked.py::test_a_folder_that_cannot_be_written": (
        "choose another dataset folder with --dataset",
        "choose another dataset folder",
    ),
    "cli/doctor/test_provoked.py::test_a_catalog_of_a_newer_version": ("update xray-tui",),
    "cli/doctor/test_provoked.py::test_offline_variables": (
        "unset {} if other programs are to download models",
    ),
    "cli/doctor/test_provoked.py::test_a_device_of_the_settings_that_does_not_exist": (
        "choose another device in the settings",
    ),
    "cli/doctor/test_terminal.py::test_the_lines_for_tmux_are_named_and_help": (
        "set -g allow-passthrough on",
        "set -s set-clipboard on",
        'set -g default-terminal "tmux-256color"',
        "set -s focus-events on",
        "set -s escape-time 10",
        'set -as terminal-features ",{}:RGB"',
    ),
    "e2e/test_terminals.py::test_a_dumb_terminal_is_refused_with_advice": ("TERM is dumb",),
    "generation/running/test_full_disk.py"
    "::test_the_job_waits_logs_it_and_finishes_when_there_is_room": (
        "or the job will wait when the disk is full",
        "the disk is full; make room",
        "your disk quota is used up; make room",
    ),
    "generation/sampling/test_memory.py::test_half_the_bytes_need_half_the_memory": (
        "is free on {}; use {}",
    ),
    "installed/test_commands.py::test_a_command_works": (
        "xray-tui help TOPIC prints",
        "`xray-tui help ",
    ),
    "installed/test_tour.py::test_from_the_first_image_to_the_accepted_ones": (
        "Mark prompts with space, set parameters, press g.",
        "Press p to accept or x to reject an image",
        "Press g: images of the marked prompts",
        "Press F2 to review: p accepts an image",
    ),
    "models/hub/test_advice.py::test_a_missing_or_damaged_model_is_downloaded_as_advised": (
        "; copy or download it again",
        "; copy or download the file again",
    ),
    "models/hub/test_download.py::test_a_stalled_download_times_out_and_can_be_repeated": (
        "run it again to continue",
    ),
    "models/test_catalogue.py::test_a_diffusers_folder_is_recognised": (
        "pass its path with --model",
    ),
    "tui/blind/test_screen.py::test_keys_answer_and_going_back_changes_an_answer": (
        "Press r or s, then a label key",
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
        "The app generates {}, or: ",
    ),
    "tui/review/test_outlets.py::test_without_a_way_to_open_images_the_message_says_what_to_do": (
        "Press y to copy the path, or set viewer in the settings.",
    ),
    "tui/workbench/test_images.py::test_e_takes_prompt_seed_and_parameters_into_the_form": (
        "are in the form. Press g to generate.",
        "start {}, press F2, then e.",
    ),
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
    "another disk, another machine, or a repair of it": (
        "check it with: {}",
        "differs from what was written; check the disk",
        "choose a dataset folder on a faster disk",
        "choose a dataset folder on another disk",
        "close other programs",
    ),
    "a GPU, and PyTorch for it": (
        "install a PyTorch that was built for this GPU and its driver",
        "install a PyTorch with CUDA",
        "or install a PyTorch for an older CUDA",
    ),
    "a home folder": ("so there is no place for completion; set HOME",),
    "another terminal, or a larger window": (
        "use a terminal with Sixel or kitty graphics",
        "to see every pixel, run xray-tui outside of it",
        "make the window larger, or its font smaller",
    ),
    "a report of an error in the program": ("please report it: ",),
    "images of a session of the first version, which only its user has": (
        "or put the files back and run: ",
    ),
    "a setting of tmux": ("If nothing arrives, set in ~/.tmux.conf: ",),
    "the hub, the network, or an account there": (
        "the hub's client did not start within",
        "log in with 'hf auth login'",
        "another model",
        "check HF_ENDPOINT",
        "; try again",
        "try again in a few minutes",
        "try again later",
    ),
    "a model that draws NaN or one grey, as the bundled one never does": (
        "try dtype float32 or another guidance scale",
        "try other parameters",
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
        "Waiting to generate: {}",
        "Sent to the terminal's clipboard: {}",
        "xray-tui is quitting",
        "the disk does not distinguish A from a",
        "{}={} keeps the hub's client offline",
        "neither tmux nor GNU screen is between",
        "xray-tui runs in {}",
        "but xray-tui needs {}",
        "xray-tui runs from its source",
        "this machine does not know the terminal",
        "xray-tui runs no other code",
        "xray-tui runs Stable Diffusion 1 and 2",
        "xray-tui generates images from text alone",
        "as on the first start",
        "for it: {} (modified or removed in the meantime)",
    ),
    "the script of a shell": ("# Completion of xray-tui in ",),
    "says what a key does": ("delete a saved filter", "save, start, or finish"),
}
"""Texts that only look like advice, by what they are."""
