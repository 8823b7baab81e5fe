"""The parts of the Rasa pipeline that are our own; `config.yml` names them by their path in here."""
