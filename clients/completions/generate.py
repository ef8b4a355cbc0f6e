#!/usr/bin/env python3
"""Shell completions for bash, zsh and fish, made from what programs say of themselves.

    generate.py SHELL PROGRAM OUTPUT

Asks PROGRAM --help, and PROGRAM WORD --help for each subcommand that it names, so that what is
completed is what there is. SHELL is bash, zsh or fish.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

# "  -h,--help   text", "  --nick TEXT   text", "    --tcp TEXT ... (Env:CHATD_TCP)"
OPTION = re.compile(r"^ {2,4}(?:(-\w),)?(--[\w-]+)(?: (?! )(.*?))?(?:  +(\S.*))?$")
SUBCOMMAND = re.compile(r"^  ([a-z][\w-]*) {2,}(\S.*)$")
# "'chatcli udp --help' is about", "chatcli say, tail and udp."
MENTIONED = r"'{0} ([a-z]+) --help'|\b{0} ((?:[a-z]+, )*[a-z]+ and [a-z]+)\."
CHOICES = re.compile(r"\{([\w.,-]+)\}")


class Option(NamedTuple):
    name: str  # --nick
    short: str  # -h, or ""
    about: str
    takes: str  # "", "value", "file" or "directory"
    choices: list


class Command(NamedTuple):
    name: str  # of the subcommand; "" for the program itself
    about: str
    options: list


def say_help(program, *words):
    return subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=True,
                          stdin=subprocess.DEVNULL).stdout


def sentence(text):
    """The first of it, without what would end a quotation in a shell."""
    first = re.split(r"; |: |\. | \(|[.;]$", text.strip())[0].strip()
    return re.sub(r"['\"`$\\]", "", first)


def kind_of_value(words, about):
    words = re.sub(r"\(Env:\w+\)", "", words or "").strip()
    if not words:
        return "", []
    choices = CHOICES.search(words)
    if choices:
        return "value", choices[1].split(",")
    if re.search(r"\bdirectory\b", about):
        return "directory", []
    return ("file" if re.search(r"\bfile\b", about) else "value"), []


def options_of(text):
    options = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = OPTION.match(line)
        if not match:
            continue
        short, name, words, about = match.groups()
        if not about:
            below = lines[number + 1] if number + 1 < len(lines) else ""
            if below.startswith(" " * 20):
                about = below
            else:  # the words before it are so long that one blank has to do
                words, _, about = (words or "").partition(" ")
        takes, choices = kind_of_value(words, about or "")
        options.append(Option(name, short or "", sentence(about or ""), takes, choices))
    return options


def subcommands_of(program, text):
    """{name: what it does} of those that the help lists, or mentions as having one of their own."""
    section = re.search(r"^Subcommands:\n((?:  .*\n)+)", text, re.MULTILINE)
    named = dict(match.groups() for line in (section[1].splitlines() if section else ())
                 if (match := SUBCOMMAND.match(line)))
    for one, several in re.findall(MENTIONED.format(re.escape(program)), text):
        for word in re.findall(r"[a-z]+", one or several.replace(" and ", " ")):
            named.setdefault(word, "")
    return named


def commands_of(path):
    program = Path(path).name
    text = say_help(path)
    commands = [Command("", "", options_of(text))]
    for name, about in sorted(subcommands_of(program, text).items()):
        own = say_help(path, name)
        commands.append(Command(name, sentence(about or own.splitlines()[0]), options_of(own)))
    return commands


# -- bash --------------------------------------------------------------------------------------------


def words_of(command):
    return " ".join(word for option in command.options for word in (option.short, option.name) if word)


def bash_values(commands):
    """One case for each option that takes a value: of whichever command, since names mean the same."""
    cases = {}
    for command in commands:
        for option in command.options:
            if option.choices:
                cases[option.name] = f"COMPREPLY=($(compgen -W '{' '.join(option.choices)}' -- \"$word\"))"
            elif option.takes == "directory":
                cases[option.name] = 'COMPREPLY=($(compgen -d -- "$word"))'
            elif option.takes == "file":
                cases[option.name] = 'COMPREPLY=($(compgen -f -- "$word"))'
            elif option.takes:
                cases.setdefault(option.name, "COMPREPLY=()")
    return "".join(f"        {name}) {action}; return ;;\n" for name, action in sorted(cases.items()))


def bash(program, commands):
    subcommands = [command for command in commands if command.name]
    names = " ".join(command.name for command in subcommands)
    choose = "".join(f"        {command.name}) options='{words_of(command)}' ;;\n" for command in subcommands)
    return f"""# bash completion for {program}, made by generate.py from its --help

_{program}() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} options
    COMPREPLY=()
    case $before in
{bash_values(commands)}    esac
    case ${{COMP_WORDS[1]}} in
{choose}        *) options='{words_of(commands[0])}' ;;
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
    elif ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W '{names}' -- "$word"))
    fi
}}
complete -F _{program} {program}
"""


# -- zsh ---------------------------------------------------------------------------------------------


def zsh_option(option):
    value = {"": "", "value": ":value:", "file": ":file:_files", "directory": ":directory:_files -/"}
    takes = f":value:({' '.join(option.choices)})" if option.choices else value[option.takes]
    names = f"({option.short} {option.name})" if option.short else ""
    spelled = f"{{{option.short},{option.name}}}" if option.short else option.name
    about = re.sub(r"([\[\]:])", r"\\\1", option.about)
    if option.short:
        return f"'{names}'{spelled}'[{about}]{takes}'"
    return f"'{spelled}[{about}]{takes}'"


def zsh_arguments(command, indent):
    lines = [f"{indent}_arguments -s \\"]
    lines += [f"{indent}    {zsh_option(option)} \\" for option in command.options]
    return "\n".join(lines + [f"{indent}    '*: :_default'"])


def zsh(program, commands):
    subcommands = [command for command in commands if command.name]
    described = "\n".join(f"        '{command.name}:{command.about}'" for command in subcommands)
    cases = "\n".join(f"        {command.name})\n            shift words; ((CURRENT--))\n"
                      f"{zsh_arguments(command, '            ')}\n            return\n            ;;"
                      for command in subcommands)
    if not subcommands:
        return f"#compdef {program}\n# Made by generate.py from its --help.\n\n" + \
            zsh_arguments(commands[0], "") + "\n"
    return f"""#compdef {program}
# Made by generate.py from its --help.

_{program}() {{
    local -a subcommands=(
{described}
    )
    case ${{words[2]}} in
{cases}
    esac
    if ((CURRENT == 2)) && [[ ${{words[2]}} != -* ]]; then
        _describe subcommand subcommands
        return
    fi
{zsh_arguments(commands[0], '    ')}
}}
_{program} "$@"
"""


# -- fish --------------------------------------------------------------------------------------------


def fish_option(program, option, condition):
    line = f"complete -c {program} -n '{condition}' -l {option.name[2:]}"
    if option.short:
        line += f" -s {option.short[1:]}"
    if option.choices:
        line += f" -x -a '{' '.join(option.choices)}'"
    elif option.takes == "directory":
        line += " -x -a '(__fish_complete_directories)'"
    elif option.takes == "file":
        line += " -r -F"
    elif option.takes:
        line += " -x"
    return f"{line} -d '{option.about}'"


def fish(program, commands):
    subcommands = [command for command in commands if command.name]
    names = " ".join(command.name for command in subcommands)
    lines = [f"# fish completion for {program}, made by generate.py from its --help", "",
             f"complete -c {program} -f"]
    lines += [f"complete -c {program} -n __fish_is_first_arg -a {command.name} -d '{command.about}'"
              for command in subcommands]
    for command in commands:
        none = f"not __fish_seen_subcommand_from {names}" if names else "true"
        condition = f"__fish_seen_subcommand_from {command.name}" if command.name else none
        lines += [fish_option(program, option, condition) for option in command.options]
    return "\n".join(lines) + "\n"


SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}


def main(arguments):
    if len(arguments) != 3 or arguments[0] not in SHELLS:
        print(__doc__, file=sys.stderr)
        return 0 if arguments == ["--help"] else 64
    shell, path, output = arguments
    try:
        text = SHELLS[shell](Path(path).name, commands_of(path))
        Path(output).write_text(text, encoding="utf-8")
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"generate.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
