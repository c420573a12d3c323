-- What the hub may do in the service's database: log people in, and read nothing of their work.
grant select on people to pamong_hub;
grant select, insert, update, delete on credentials, login_cards, login_failures to pamong_hub;
grant insert, select (id) on audit to pamong_hub; -- which gives back the number of a new line
grant usage on sequence audit_id_seq to pamong_hub;
