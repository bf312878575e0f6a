"""The scripts that a shell reads once; they ask :mod:`xray_tui.cli.completion.answer` at each TAB.

What is answered is never evaluated by the shell: it may come from a file of a stranger.
"""

from __future__ import annotations

from typing import Literal, get_args

Shell = Literal["bash", "zsh", "fish"]
SHELLS: tuple[Shell, ...] = get_args(Shell)

_BASH = r"""
# Completion of xray-tui in bash.
_xray_tui_completion() {
    local line answer=()
    while IFS= read -r line; do
        answer+=("$line")
    done < <(_XRAY_TUI_COMPLETE=bash "${1/#\~/$HOME}" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    COMPREPLY=()
    case ${answer[0]} in
        files) compopt -o default 2>/dev/null ;;
        folders) compopt -o dirnames 2>/dev/null ;;
        parts) compopt -o nospace 2>/dev/null; COMPREPLY=("${answer[@]:1}") ;;
        *) COMPREPLY=("${answer[@]:1}") ;;
    esac
}
complete -o nosort -F _xray_tui_completion xray-tui 2>/dev/null ||
    complete -F _xray_tui_completion xray-tui
"""

_ZSH = r"""
#compdef xray-tui
# Completion of xray-tui in zsh.
_xray_tui() {
    local -a answer
    answer=("${(@f)$(_XRAY_TUI_COMPLETE=zsh ${~words[1]} \
        "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    case $answer[1] in
        files) [[ $PREFIX == --*=* ]] && compset -P 1 '*='; _files ;;
        folders) [[ $PREFIX == --*=* ]] && compset -P 1 '*='; _files -/ ;;
        parts) shift answer; _describe -V 'xray-tui' answer -S '' ;;
        *)
            shift answer
            (( $#answer )) && _describe -V 'xray-tui' answer
            ;;
    esac
}
if ! (( $+functions[compdef] )); then
    autoload -Uz compinit && compinit -i
fi
compdef _xray_tui xray-tui
"""

_FISH = r"""
# Completion of xray-tui in fish.
function __xray_tui_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct | string replace -r -- '^[\'"]' '')
    set -lx _XRAY_TUI_COMPLETE fish
    set -l answer ($words[1] $words[2..-1] "$typed" 2>/dev/null)
    set -e _XRAY_TUI_COMPLETE
    set -l option (string match -r -- '^--[^=]*=' "$typed")
    set -l path (string replace -r -- '^--[^=]*=' '' "$typed")
    switch "$answer[1]"
        case files
            __fish_complete_path "$path" | string replace -r '^' -- "$option"
        case folders
            __fish_complete_directories "$path" | string replace -r '^' -- "$option"
        case '*'
            test (count $answer) -gt 1; and printf '%s\n' $answer[2..-1]
    end
end
complete -c xray-tui -f -k -a '(__xray_tui_complete)'
"""

SCRIPTS: dict[Shell, str] = {
    "bash": _BASH.lstrip("\n"),
    "zsh": _ZSH.lstrip("\n"),
    "fish": _FISH.lstrip("\n"),
}
