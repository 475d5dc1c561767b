"""What each command does. A command's file is loaded when it is asked for, so that none waits for what another needs."""
