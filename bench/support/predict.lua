-- Posts every input the flight-delay model can get, in turn: 23 airlines x 2 kinds of flight x 12 months, one-hot.
local requests = {}
local next_request = 0

function init()
  local headers = { ["content-type"] = "application/json" }
  for airline = 1, 23 do
    for kind = 24, 25 do
      for month = 26, 37 do
        local row = {}
        for column = 1, 37 do
          row[column] = (column == airline or column == kind or column == month) and "1" or "0"
        end
        local body = '{"array":[' .. table.concat(row, ",") .. "]}"
        requests[#requests + 1] = wrk.format("POST", "/api", headers, body)
      end
    end
  end
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end
